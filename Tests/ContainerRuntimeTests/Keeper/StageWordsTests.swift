import CLinux
import Glibc
import Testing

@testable import ContainerRuntime

@Suite("Words for what a keeper reports")
struct StageWordsTests {
    @Test(
        "a file that is to be mounted on a folder, or a folder on a file, is told with both paths",
        arguments: [
            (EISDIR, "/srv/conf is a file, and /etc/app a folder: name the file in it, too"),
            (
                ENOTDIR,
                "/srv/conf cannot be mounted there: a folder goes on a folder, a file on a file"
            ),
            (EROFS, nil),
        ]
    )
    func kinds(code: Int32, hint: String?) {
        var words = StageWords(container: "web-1")
        words.mounts = [("/proc", "/proc"), ("/srv/conf", "/etc/app")]
        var event = keeper_event()
        event.stage = KeeperStage.mountTarget.rawValue
        event.index = 1
        event.error = code
        let error = words.failure(event)
        #expect(error.message.hasPrefix("cannot make the mount point /etc/app: "))
        #expect(error.hint == hint)
    }
}
