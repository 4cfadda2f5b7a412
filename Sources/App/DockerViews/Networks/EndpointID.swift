import ContainerRuntime
import Engine

/// What docker calls a container's place on a network: 64 hexadecimal digits, here those that follow
/// from the two. Docker makes up others at each start.
enum EndpointID {
    static func text(of container: ContainerID, on network: String) -> String {
        let (left, right) = (digits(container.text), digits(network))
        guard left.count == right.count else { return container.text }
        return zip(left, right).map { String($0 ^ $1, radix: 16) }.joined()
    }

    private static func digits(_ text: String) -> [Int] { text.compactMap(\.hexDigitValue) }
}
