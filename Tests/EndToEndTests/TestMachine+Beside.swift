import TestSupport

extension TestMachine {
    /// What two scripts see on a machine beside this one, by IPv6: a link joins them, `fd00:99::1` is
    /// here. The second one is to find nothing: `closed` stands for what it lacks.
    func beside(_ script: String, butNot other: String) async throws -> Output {
        let making = """
            unshare -n sleep 100 & pid=$!
            until [ "$(readlink /proc/$pid/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
            ip link add far0 type veth peer name far1 netns $pid
            ip -6 addr add fd00:99::1/64 dev far0 nodad; ip link set far0 up
            nsenter -n -t $pid sh -c 'ip -6 addr add fd00:99::2/64 dev far1 nodad
            ip link set far1 up'
            nsenter -n -t $pid timeout 5 bash -c "$0"
            nsenter -n -t $pid timeout 1 bash -c "$1" 2>&- || echo closed
            kill $pid; ip link delete far0
            """
        return try await run(["sh", "-c", making, script, other])
    }
}
