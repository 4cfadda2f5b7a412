import Bake
import Testing

/// What is built of what bake files define. The documents are those of buildx 0.29.
@Suite("plans of bake files")
struct BakePlanTests {
    private static let file = """
        variable "TAG" { default = "latest" }
        group "default" { targets = ["app", "other"] }
        group "all" { targets = ["default", "mx"] }
        target "_common" {
          args = { A = "1", B = null }
          labels = { "org.x" = "y" }
        }
        target "app" {
          inherits = ["_common"]
          context = "./app"
          contexts = { base = "target:other", x = "docker-image://busybox" }
          tags = ["reg/app:${TAG}"]
          cache-from = ["type=registry,ref=reg/cache", "user/app:cache"]
          output = ["type=docker", "out"]
          secret = ["id=x,src=y", { id = "z", env = "Z" }]
          no-cache = true
        }
        target "other" { dockerfile-inline = "FROM scratch" }
        target "mx" {
          name = "mx-${tgt}-${replace(v, ".", "-")}"
          matrix = { tgt = ["a", "b"], v = ["1.0", "2.0"] }
          target = tgt
        }
        """

    @Test("a plan is printed as buildx prints it")
    func printed() throws {
        let plan = try BakeDefinition.of(Self.file).plan(for: ["app"])
        #expect(
            plan.text == """
                {
                  "group": {
                    "default": {
                      "targets": [
                        "app"
                      ]
                    }
                  },
                  "target": {
                    "app": {
                      "context": "app",
                      "contexts": {
                        "base": "target:other",
                        "x": "docker-image://busybox"
                      },
                      "dockerfile": "Dockerfile",
                      "args": {
                        "A": "1"
                      },
                      "labels": {
                        "org.x": "y"
                      },
                      "tags": [
                        "reg/app:latest"
                      ],
                      "cache-from": [
                        {
                          "ref": "reg/cache",
                          "type": "registry"
                        },
                        {
                          "ref": "user/app:cache",
                          "type": "registry"
                        }
                      ],
                      "secret": [
                        {
                          "id": "x",
                          "src": "y"
                        },
                        {
                          "id": "z",
                          "env": "Z"
                        }
                      ],
                      "output": [
                        {
                          "type": "docker"
                        },
                        {
                          "dest": "out",
                          "type": "local"
                        }
                      ],
                      "no-cache": true
                    },
                    "other": {
                      "context": ".",
                      "dockerfile": "Dockerfile",
                      "dockerfile-inline": "FROM scratch",
                      "output": [
                        {
                          "type": "cacheonly"
                        }
                      ]
                    }
                  }
                }
                """
        )
    }

    @Test("groups lead to targets, a matrix is one")
    func groups() throws {
        let plan = try BakeDefinition.of(Self.file).plan(for: ["all"])
        #expect(plan.groups["default"] == ["all", "app", "other"])
        #expect(plan.groups["mx"] == ["mx-a-1-0", "mx-b-1-0", "mx-a-2-0", "mx-b-2-0"])
        #expect(
            plan.targets.map(\.name) == [
                "app", "mx-a-1-0", "mx-a-2-0", "mx-b-1-0", "mx-b-2-0", "other",
            ]
        )
        #expect(plan.targets[2].text(.target) == "a")
        #expect(plan.linked.isEmpty)
        #expect(try BakeDefinition.of(Self.file).plan().groups == ["default": ["app", "other"]])
    }

    @Test("--set takes the place of lists, adds to them, and reaches entries")
    func overrides() throws {
        let plan = try BakeDefinition.of(Self.file).plan(
            for: ["all"],
            overrides: [
                "*.args.Q=1", "*.args.HOME", "other.platform=linux/arm64", "other.tags=x",
                "other.tags=y",
                "mx*.tags+=z", "app.tags+=w", "_common.labels.org.x=n", "app.no-cache=false",
                "app.output=",
            ],
            environment: ["HOME": "/h"]
        )
        let targets = Dictionary(uniqueKeysWithValues: plan.targets.map { ($0.name, $0) })
        #expect(targets["other"]?.texts(.tags) == ["x", "y"])
        #expect(targets["other"]?.texts(.platforms) == ["linux/arm64"])
        #expect(targets["mx-a-1-0"]?.texts(.tags) == ["z"])
        #expect(targets["app"]?.texts(.tags) == ["reg/app:latest", "w"])
        #expect(targets["app"]?.map(.args).map(\.key) == ["A", "HOME", "Q"])
        #expect(targets["app"]?.map(.labels).map(\.value) == ["n"])
        #expect(targets["app"]?.flag(.noCache) == false)
        #expect(targets["app"]?.options(.output).isEmpty == true)
    }

    @Test(
        "what cannot be planned is refused in buildx's words",
        arguments: [
            (["nope"], [], "failed to find target nope"),
            (["othr"], [], "did you mean other?"),
            ([], ["nope.args.A=1"], "could not find any target matching 'nope'"),
            ([], ["other.nokey=2"], "unknown key: nokey"),
            ([], ["other.args=2"], "invalid key other.args, args requires name"),
            ([], ["other"], "invalid override key other, expected target.name"),
            ([], ["other.context"], "invalid override other.context, expected target.name=value"),
            ([], ["other.pull=maybe"], "invalid value maybe for boolean key pull"),
        ]
    )
    func refused(names: [String], overrides: [String], text: String) throws {
        let definition = try BakeDefinition.of(Self.file)
        let error = #expect(throws: BakeError.self) {
            try definition.plan(for: names, overrides: overrides)
        }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }

    @Test("what the command line says of every target stands over what each says")
    func everywhere() throws {
        var plan = try BakeDefinition.of(Self.file).plan(for: ["app"])
        var all = BakeEverywhere()
        (all.pull, all.noCache, all.pushes, all.loads) = (true, true, true, true)
        (all.provenance, all.sbom) = ("false", "generator=x")
        plan.apply(all)
        let app = try #require(plan.targets.first)
        #expect(app.flag(.pull) && app.flag(.noCache))
        #expect(
            app.options(.attest).map(\.flag) == [
                "type=provenance,disabled=true", "type=sbom,generator=x",
            ]
        )
        #expect(app.options(.output).map(\.flag) == ["type=docker", "type=local,dest=out"])
        #expect(plan.text.contains("\"disabled\": true"))
        // What others build upon is neither pushed nor kept, and built anew all the same.
        let other = try #require(plan.targets.last)
        #expect(other.options(.output).map(\.flag) == ["type=cacheonly"])
        #expect(other.flag(.noCache))
    }

    @Test(
        "--push and --load change outputs as buildx does",
        arguments: [
            ([], ["type=image,push=true", "type=docker"]),
            (["type=image"], ["type=image,push=true", "type=docker"]),
            (["type=docker"], ["type=docker", "type=image,push=true"]),
            (["type=local,dest=x"], ["type=local,dest=x"]),
            (["type=registry"], ["type=registry", "type=docker"]),
        ]
    )
    func outputs(written: [String], expected: [String]) throws {
        let list = written.map { "\"\($0)\"" }.joined(separator: ", ")
        let file = "target \"default\" {\n output = [\(list)]\n}\n"
        var plan = try BakeDefinition.of(file).plan()
        var all = BakeEverywhere()
        (all.pushes, all.loads) = (true, true)
        plan.apply(all)
        #expect(plan.targets.first?.options(.output).map(\.flag) == expected)
    }

    @Test("circles of targets end")
    func circles() throws {
        let inheriting = try BakeDefinition.of(
            "target \"a\" { inherits = [\"b\"] }\ntarget \"b\" { inherits = [\"a\"] }"
        )
        #expect(throws: BakeError("target a inherits from itself: a from b from a")) {
            try inheriting.plan(for: ["a"])
        }
        let linked = try BakeDefinition.of(
            "target \"a\" { contexts = { x = \"target:b\" } }\ntarget \"b\" { contexts = { x = \"target:a\" } }"
        )
        #expect(throws: BakeError("infinite loop from contexts: a needs b needs a")) {
            try linked.plan(for: ["a"])
        }
    }
}
