import SystemPackage
import Testing
import TestSupport

@testable import Builder

@Suite("Here-documents in a build", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct HereDocumentTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    @Test("here-documents of RUN go to the shell, or to their interpreter")
    func heredocs() async throws {
        try bench.addBusybox()
        let image = try await bench.build(
            BuildBench.busybox + """
                RUN <<EOF
                echo one
                echo two > /two
                EOF
                RUN cat <<A > /three && cat <<B
                a
                A
                b
                B
                RUN <<EOF
                #!/bin/awk -f
                BEGIN { print "awk" }
                EOF
                """
        )
        #expect(image.output == ["one", "b", "awk"])
        #expect(try image.text("/two") == "two\n")
        #expect(try image.text("/three") == "a\n")
        #expect(try image.names("/") == ["bin", "three", "two"])
    }

    @Test("a backslash in an unquoted here-document goes, whatever the escape directive says")
    func heredocEscapes() async throws {
        let body = #"a\\ \n \$V `$V"#
        let text = "FROM scratch\nENV V=v\nCOPY <<EOF /x\n\(body)\nEOF\n"
        for directive in ["", "# escape=`\n"] {
            let image = try await bench.build(directive + text)
            #expect(try image.text("/x") == #"a\ n $V `v"# + "\n")
        }
    }

    @Test("carriage returns at the ends of lines are no content of a here-document")
    func returns() async throws {
        let text = "FROM scratch\nCOPY <<EOF /x\none\ntwo\nEOF\n"
        let image = try await bench.build(text.replacing("\n", with: "\r\n"))
        #expect(try image.text("/x") == "one\ntwo\n")
        // Where only the content has them, they are meant.
        let meant = try await bench.build("FROM scratch\nCOPY <<EOF /x\none\r\nEOF\n")
        #expect(try meant.text("/x") == "one\r\n")
    }
}
