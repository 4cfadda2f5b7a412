import CLinux
@main struct Keeper { static func main() { _exit(0) } }
