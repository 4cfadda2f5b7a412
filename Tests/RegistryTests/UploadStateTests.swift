import Foundation
import Testing

@testable import Registry

@Suite("An upload's life")
struct UploadStateTests {
    static func url(_ text: String) throws -> URL { try #require(URL(string: "http://r/\(text)")) }

    @Test("is one session and one request when all goes well")
    func whole() throws {
        let first = try Self.url("1")
        var state = UploadState(size: 100)
        #expect(state.handle(.begun(first, leastPiece: nil)) == .complete(first, from: 0))
        #expect(state.handle(.committed) == .finish)
        #expect(state.failures == 0)
    }

    @Test("goes in pieces, each to where the last answer says")
    func pieces() throws {
        let urls = try ["1", "2", "3", "4"].map(Self.url)
        var state = UploadState(size: 25, pieceBytes: 10)
        #expect(state.handle(.begun(urls[0], leastPiece: nil)) == .send(urls[0], 0..<10))
        #expect(state.handle(.holds(upTo: 10, urls[1])) == .send(urls[1], 10..<20))
        #expect(state.handle(.holds(upTo: 20, urls[2])) == .send(urls[2], 20..<25))
        #expect(state.handle(.holds(upTo: 25, urls[3])) == .complete(urls[3], from: 25))
        #expect(state.handle(.committed) == .finish)
    }

    @Test("sends no piece smaller than the registry takes")
    func leastPiece() throws {
        let url = try Self.url("1")
        var state = UploadState(size: 50, pieceBytes: 10)
        #expect(state.handle(.begun(url, leastPiece: 40)) == .send(url, 0..<40))
        #expect(state.handle(.holds(upTo: 40, url)) == .send(url, 40..<50))
    }

    @Test("looks whether it is there, then goes on where the registry stands")
    func resumes() throws {
        let first = try Self.url("1")
        let second = try Self.url("2")
        var state = UploadState(size: 100)
        _ = state.handle(.begun(first, leastPiece: nil))
        #expect(state.handle(.broken) == .lookUp)
        #expect(state.failures == 1)
        #expect(state.handle(.found(false)) == .askStatus(first))
        #expect(state.handle(.holds(upTo: 60, second)) == .send(second, 60..<100))
        #expect(state.failures == 0)
        #expect(state.handle(.broken) == .askStatus(second))
        #expect(state.handle(.holds(upTo: 60, second)) == .send(second, 60..<100))
        #expect(state.failures == 1)
        #expect(state.handle(.refused(status: 416)) == .askStatus(second))
        #expect(state.handle(.holds(upTo: 100, second)) == .complete(second, from: 100))
    }

    @Test("ends when the last answer got lost but the blob is there")
    func lostAnswer() throws {
        var state = UploadState(size: 100)
        _ = state.handle(.begun(try Self.url("1"), leastPiece: nil))
        _ = state.handle(.broken)
        #expect(state.handle(.found(true)) == .finish)
    }

    @Test("begins again when the registry has forgotten the session", arguments: [400, 404, 416])
    func forgotten(status: Int) throws {
        let first = try Self.url("1")
        var state = UploadState(size: 100)
        _ = state.handle(.begun(first, leastPiece: nil))
        _ = state.handle(.broken)
        _ = state.handle(.found(false))
        #expect(state.handle(.refused(status: status)) == .begin)
        #expect(state.location == nil)
        #expect(state.failures == 2)
    }

    @Test("turns to pieces when one request is too large for something on the way")
    func tooLarge() throws {
        let url = try Self.url("1")
        let size = UploadState.smallPiece * 2
        var state = UploadState(size: size)
        _ = state.handle(.begun(url, leastPiece: nil))
        #expect(state.handle(.refused(status: 413)) == .askStatus(url))
        #expect(state.handle(.holds(upTo: 0, url)) == .send(url, 0..<UploadState.smallPiece))
        #expect(state.handle(.refused(status: 413)) == .askStatus(url))
        #expect(state.handle(.holds(upTo: 0, url)) == .send(url, 0..<UploadState.smallPiece / 4))
    }

    @Test("ends at once at an answer that will not change", arguments: [400, 401, 403, 405, 507])
    func final(status: Int) throws {
        let url = try Self.url("1")
        var state = UploadState(size: 100)
        #expect(state.handle(.refused(status: status)) == .giveUp)
        _ = state.handle(.begun(url, leastPiece: nil))
        #expect(state.handle(.refused(status: status)) == .giveUp)
    }

    @Test("tries again after an answer that may pass", arguments: [429, 500, 502, 503, 504])
    func passing(status: Int) throws {
        var state = UploadState(size: 100)
        #expect(state.handle(.refused(status: status)) == .begin)
        #expect(state.failures == 1)
        _ = state.handle(.begun(try Self.url("1"), leastPiece: nil))
        #expect(state.handle(.refused(status: status)) == .lookUp)
        #expect(state.failures == 2)
    }

    @Test("does not believe a registry that claims more than there is")
    func tooFar() throws {
        let url = try Self.url("1")
        var state = UploadState(size: 100, pieceBytes: 10)
        _ = state.handle(.begun(url, leastPiece: nil))
        #expect(state.handle(.holds(upTo: 101, url)) == .begin)
        #expect(state.failures == 1)
    }

    @Test("counts what brings nothing new as a failure, however the registry puts it")
    func noProgress() throws {
        let url = try Self.url("1")
        // Always the same, back and forth, and forgetting everything now and then.
        let answers: [[Int64]] = [[1], [10, 5], [10, 20, 0]]
        for offsets in answers {
            var state = UploadState(size: 100, pieceBytes: 10)
            _ = state.handle(.begun(url, leastPiece: nil))
            var rounds = 0
            while state.failures < 5, rounds < 100 {
                _ = state.handle(.holds(upTo: offsets[rounds % offsets.count], url))
                rounds += 1
            }
            #expect(state.failures == 5, "\(offsets)")
        }
    }
}
