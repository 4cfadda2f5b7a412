import NIOHTTP1
import OCI
import Testing

@testable import Registry

@Suite("Retries")
struct RetryTests {
    @Test("wait longer each time, between half and all of it, and no longer than a limit")
    func pauses() {
        let policy = RetryPolicy(
            attempts: 5,
            firstPause: .seconds(1),
            longestPause: .seconds(6)
        )
        let shortest = (1...5).map { policy.pause(afterFailures: $0, wished: nil, share: 0) }
        let longest = (1...5).map { policy.pause(afterFailures: $0, wished: nil, share: 1) }
        #expect(shortest == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4), nil])
        #expect(longest == [.seconds(1), .seconds(2), .seconds(4), .seconds(6), nil])
        #expect(policy.pause(afterFailures: 1, wished: .seconds(5), share: 0) == .seconds(5))
        #expect(policy.pause(afterFailures: 1, wished: .seconds(500), share: 0) == .seconds(6))
    }

    @Test(
        "read Retry-After in seconds and as a date",
        arguments: [
            ("120", nil, Duration.seconds(120)), ("-5", nil, .zero), ("1e9", nil, nil),
            ("99999999999", nil, .seconds(3600)), ("soon", nil, nil),
            ("Sun, 06 Nov 1994 08:50:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", .seconds(60)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:40 GMT", .zero),
            ("Sun, 06 Nov 1994 08:49:37 GMT", nil, .zero),
            ("Sun, 99 Foo 1994 08:49:37 GMT", nil, nil),
        ] as [(String, String?, Duration?)]
    )
    func retryAfter(text: String, date: String?, duration: Duration?) {
        var headers: HTTPHeaders = ["Retry-After": text]
        if let date { headers.add(name: "Date", value: date) }
        #expect(RetryAfter.duration(headers) == duration)
    }

    @Test("of 429 say in docker's words what the registry says")
    func limit() async throws {
        let server = try await TestServer { request in
            guard request.uri != "/v2/" else { return .status(200) }
            let body = #"{"errors":[{"code":"TOOMANYREQUESTS","message":"pull rate limit"}]}"#
            return TestServer.Answer(status: 429, body: Array(body.utf8))
        }
        do {
            _ = try await makeClient().resolve(ImageReference("\(server.authority)/app:1"))
            Issue.record("no error")
        } catch {
            #expect("\(error)".contains("toomanyrequests: pull rate limit; wait a little"))
        }
        #expect(server.requests.count { $0.uri != "/v2/" } == 5)
    }
}
