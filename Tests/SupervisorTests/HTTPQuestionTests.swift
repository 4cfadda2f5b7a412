import Testing

@testable import Supervisor

@Suite("Answers of HTTP")
struct HTTPQuestionTests {
    @Test(
        "a status below 400 is healthy, and what is none is not",
        arguments: [
            ("HTTP/1.1 200 OK\r\n\r\n", 0, "HTTP/1.1 200 OK\n"),
            ("HTTP/1.0 302 Found\r\nLocation: /x\r\n\r\n", 0, "HTTP/1.0 302 Found\n"),
            ("HTTP/1.1 399\n\n", 0, "HTTP/1.1 399\n"),
            ("HTTP/1.1 400 Bad\r\n\r\nwhy", 1, "HTTP/1.1 400 Bad\r\n\r\nwhy"),
            ("HTTP/1.1 503 Busy\r\n\r\n", 1, "HTTP/1.1 503 Busy\r\n\r\n"),
            ("HTTP/1.1 -200 OK\r\n\r\n", 1, "no answer of HTTP: HTTP/1.1 -200 OK\r\n\r\n"),
            ("HTTP/1.1", 1, "no answer of HTTP: HTTP/1.1"),
            ("SSH-2.0-x\r\n", 1, "no answer of HTTP: SSH-2.0-x\r\n"),
            ("", 1, "it closed the connection without an answer\n"),
        ]
    )
    func judge(answer: String, code: Int32, said: String) {
        let result = HTTPQuestion.judge(Array(answer.utf8))
        #expect(result.0 == code)
        #expect(result.1 == said)
    }
}
