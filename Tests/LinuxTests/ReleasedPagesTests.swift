import Linux
import Testing

@Suite("pages that are given back")
struct ReleasedPagesTests {
    @Test("the program's own pages leave the memory, and come back where they are needed")
    func givenBack() {
        let before = ReleasedPages.bytes
        #expect(before > 1 << 20)
        ReleasedPages.giveBack()
        // What the look itself needs is there again.
        #expect(ReleasedPages.bytes < before)
        #expect("\(ReleasedPages.bytes)".utf8.count > 3)
    }
}
