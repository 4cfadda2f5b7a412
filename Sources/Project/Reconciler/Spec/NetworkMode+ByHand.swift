import ContainerRuntime

extension NetworkMode {
    /// Without the networks that a command has connected and that the file says nothing of: those stay.
    /// One that it says something of has to be as it says.
    func asked(besides wanted: NetworkMode) -> NetworkMode {
        guard case .attached(let attachments) = self, case .attached(let others) = wanted else {
            return self
        }
        let names = Set(others.map(\.network))
        return .attached(
            attachments.filter { $0.isByHand != true || names.contains($0.network) }
                .map { attachment in
                    var attachment = attachment
                    attachment.isByHand = nil
                    return attachment
                }
        )
    }
}
