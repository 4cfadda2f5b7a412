import Testing

@testable import Builder

@Suite("RUN --mount as it is written")
struct RunMountGrammarTests {
    private func mount(_ text: String) -> Result<RunMount, InstructionError> {
        Result { () throws(InstructionError) in try RunMount(text) }
    }

    @Test("reads every key")
    func keys() throws {
        var cache = RunMount()
        cache.kind = .cache
        cache.id = "go"
        cache.target = "/root/.cache"
        cache.sharing = .locked
        cache.mode = 0o700
        cache.user = 12
        cache.group = 34
        cache.isReadOnly = true
        #expect(
            try mount("type=cache,id=go,dst=/root/.cache,sharing=locked,mode=0700,uid=12,gid=34,ro")
                .get() == cache
        )
        let bind = try mount("source=a,destination=b,rw,from=build").get()
        #expect(bind.kind == .bind && !bind.isReadOnly && bind.from == "build")
        #expect(bind.source == "a" && bind.target == "b")
        #expect(try mount("target=/x").get().isReadOnly)
        #expect(try mount("type=tmpfs,target=/x,size=1.5k").get().sizeBytes == 1536)
        let secret = try mount("type=secret,id=a,env=TOKEN,required").get()
        #expect(secret.variable == "TOKEN" && secret.isRequired && secret.target == nil)
        #expect(try mount("type=ssh").get().kind == .ssh)
        #expect(try mount("type=bind,\"target=/a,b\"").get().target == "/a,b")
    }

    @Test(
        "says what is wrong with a mount",
        arguments: [
            ("type=volume,target=/x", "unsupported mount type \"volume\""),
            ("type=cach,target=/x", "unsupported mount type \"cach\" (did you mean cache?)"),
            ("type=cache", "cache mount has no target; add target=/path"),
            ("target=/x,size=3", "unexpected key 'size' for mount type 'bind'"),
            ("target=/x,mode=7", "mode not allowed for bind type mounts"),
            ("target=/x,loud", "invalid field 'loud' must be a key=value pair"),
            ("target=/x,tagret=y", "unexpected key 'tagret' in 'tagret=y' (did you mean target?)"),
            ("target=/x,ro=perhaps", "invalid value for ro: perhaps"),
            ("type=cache,target=/x,mode=9", "invalid value 9 for mode"),
            (
                "type=cache,target=/x,sharing=often",
                "unsupported sharing value \"often\"; write shared, private or locked"
            ), ("target=/x,sharing=locked", "invalid cache sharing set for bind mount"),
            ("type=secret", "invalid secret mount. one of source, target required"),
            ("type=secret,id=a,source=b", "both source and id can't be set"),
            ("type=secret,id=a,from=b", "secret mount should not have a from"),
            ("target=/x,required", "unexpected key 'required' for mount type 'bind'"),
            ("\"target=/x", "a quote is not closed in \"target=/x"),
        ]
    )
    func refuses(text: String, problem: String) {
        #expect(mount(text) == .failure(InstructionError(problem)))
    }
}
