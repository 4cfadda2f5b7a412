import Compose
import Testing

@Suite("Depth-first walk")
struct DepthFirstTests {
    /// The order in which keys are left, and the circles.
    private func walk(_ needs: [Int: [Int]], from starts: [Int]) -> (left: [Int], circles: [[Int]])
    {
        var walk = DepthFirst<Int>()
        var left: [Int] = []
        var circles: [[Int]] = []
        for start in starts {
            walk.walk(
                from: start,
                needs: { needs[$0] ?? [] },
                circle: { circles.append($0 + [$1]) },
                leave: { left.append($0) }
            )
        }
        return (left, circles)
    }

    @Test("each key comes once, behind all that it needs")
    func order() {
        let found = walk([1: [2, 3], 2: [4], 3: [4, 5], 6: [3]], from: [1, 6, 4])
        #expect(found.left == [4, 2, 5, 3, 1, 6])
        #expect(found.circles.isEmpty)
    }

    @Test("a circle is told with the way to it, and the rest is still visited")
    func circles() {
        let found = walk([1: [2], 2: [3, 4], 3: [2], 5: [5]], from: [1, 5])
        #expect(found.circles == [[1, 2, 3, 2], [5, 5]])
        #expect(found.left == [3, 4, 2, 1, 5])
    }

    @Test("a chain of a hundred thousand needs no stack")
    func long() {
        let needs = Dictionary(uniqueKeysWithValues: (0..<100_000).map { ($0, [$0 + 1]) })
        #expect(walk(needs, from: [0]).left == (0...100_000).reversed())
    }
}
