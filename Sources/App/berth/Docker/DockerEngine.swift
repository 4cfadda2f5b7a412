/// The commands and flags of docker 28.5.2, as its own `--help` lists them, with those that 28.2 had
/// besides, in their flat form where they have one. What is told of a flag that berth lacks comes from
/// here, and the table of `docs/command-line.md`.
enum DockerEngine {
    static let commands: [ReferenceCommand] = {
        let commands = ReferenceCommand.read(table, of: .engine)
        guard var create = commands.first(where: { $0.name == "run" }) else { return commands }
        // It makes what `run` also starts.
        create.name = "create"
        let ofStart = ["--detach", "--detach-keys", "--sig-proxy"]
        create.flags.removeAll { ofStart.contains($0[$0.count - 1]) }
        return (commands + [create]).sorted { $0.name < $1.name }
    }()

    /// The command that words lead to: `container run` and `run` are one.
    static func command(named words: [String]) -> ReferenceCommand? {
        let name = words.joined(separator: " ")
        // One group here, it has two names.
        let other = words.first == "builder" ? "buildx " + words.dropFirst().joined() : name
        return commands.first { [name, other].contains($0.name) || grouped[$0.name] == name }
    }

    /// How a flat command is called in its group, where that is not `container` and its own word.
    private static let otherwiseGrouped = [
        "build": "image build", "events": "system events", "history": "image history",
        "images": "image ls", "import": "image import", "info": "system info",
        "load": "image load", "ps": "container ls", "pull": "image pull", "push": "image push",
        "rmi": "image rm", "save": "image save", "tag": "image tag",
    ]
    private static let groupless: Set = ["inspect", "login", "logout", "search", "version"]

    /// How each flat command is called in its group.
    static let grouped: [String: String] = {
        let flat = commands.map(\.name).filter { !$0.contains(" ") && !groupless.contains($0) }
        return Dictionary(
            uniqueKeysWithValues: flat.map { ($0, otherwiseGrouped[$0] ?? "container \($0)") }
        )
    }()

    /// A command and its flags; what lines that begin with ! and ~ say, see `ReferenceCommand`.
    private static let table = """
        attach --detach-keys --no-stdin --sig-proxy
        build --add-host --allow --annotation --attest --build-arg --build-context --builder \
          --cache-from --cache-to --call --cgroup-parent --check --compress --cpu-period \
          --cpu-quota -c,--cpu-shares --cpuset-cpus --cpuset-mems -D,--debug \
          --disable-content-trust -f,--file --force-rm --iidfile --isolation --label --load \
          -m,--memory --memory-swap --metadata-file --network --no-cache --no-cache-filter \
          -o,--output --platform --progress --provenance --pull --push -q,--quiet --rm \
          --sbom --secret --security-opt --shm-size --squash --ssh -t,--tag --target \
          --ulimit
        builder prune -a,--all --builder -D,--debug --filter -f,--force --keep-storage \
          --max-used-space --min-free-space --reserved-space --verbose
        buildx create --append --bootstrap --buildkitd-config --buildkitd-flags -D,--debug \
          --driver --driver-opt --leave --name --node --platform --use
        buildx du --builder -D,--debug --filter --format --verbose
        buildx inspect --bootstrap --builder -D,--debug
        buildx ls -D,--debug --format --no-trunc
        buildx rm --all-inactive --builder -D,--debug -f,--force --keep-daemon --keep-state
        buildx use --builder -D,--debug --default --global
        buildx version -D,--debug
        commit -a,--author -c,--change -m,--message -p,--pause
        container inspect -f,--format -s,--size
        container prune --filter -f,--force
        cp -a,--archive -L,--follow-link -q,--quiet
        diff
        events -f,--filter --format --since --until
        exec -d,--detach --detach-keys -e,--env --env-file -i,--interactive --privileged \
          -t,--tty -u,--user -w,--workdir
        export -o,--output
        history --format -H,--human --no-trunc --platform -q,--quiet
        image inspect -f,--format --platform
        image prune -a,--all --filter -f,--force
        images -a,--all --digests -f,--filter --format --no-trunc -q,--quiet --tree
        docker import -c,--change -m,--message --platform
        info -f,--format
        inspect -f,--format -s,--size --type
        kill -s,--signal
        load -i,--input --platform -q,--quiet
        login -p,--password --password-stdin -u,--username
        logout
        logs --details -f,--follow --since -n,--tail -t,--timestamps --until
        network connect --alias --driver-opt --gw-priority --ip --ip6 --link --link-local-ip
        network create --attachable --aux-address --config-from --config-only -d,--driver \
          --gateway --ingress --internal --ip-range --ipam-driver --ipam-opt --ipv4 --ipv6 \
          --label -o,--opt --scope --subnet
        network disconnect -f,--force
        network inspect -f,--format -v,--verbose
        network ls -f,--filter --format --no-trunc -q,--quiet
        network prune --filter -f,--force
        network rm -f,--force
        pause
        port
        ps -a,--all -f,--filter --format -n,--last -l,--latest --no-trunc -q,--quiet \
          -s,--size
        pull -a,--all-tags --disable-content-trust --platform -q,--quiet
        push -a,--all-tags --disable-content-trust --platform -q,--quiet
        rename
        restart -s,--signal -t,--timeout
        rm -f,--force -l,--link -v,--volumes
        rmi -f,--force --no-prune --platform
        run --add-host --annotation -a,--attach --blkio-weight --blkio-weight-device \
          --cap-add --cap-drop --cgroup-parent --cgroupns --cidfile --cpu-count \
          --cpu-percent --cpu-period --cpu-quota --cpu-rt-period --cpu-rt-runtime \
          -c,--cpu-shares --cpus --cpuset-cpus --cpuset-mems -d,--detach --detach-keys \
          --device --device-cgroup-rule --device-read-bps --device-read-iops \
          --device-write-bps --device-write-iops --disable-content-trust --dns --dns-option \
          --dns-search --domainname --entrypoint -e,--env --env-file --expose --gpus \
          --group-add --health-cmd --health-interval --health-retries \
          --health-start-interval --health-start-period --health-timeout -h,--hostname \
          --init -i,--interactive --io-maxbandwidth --io-maxiops --ip --ip6 --ipc \
          --isolation --kernel-memory -l,--label --label-file --link --link-local-ip \
          --log-driver --log-opt --mac-address -m,--memory --memory-reservation \
          --memory-swap --memory-swappiness --mount --name --network --network-alias \
          --no-healthcheck --oom-kill-disable --oom-score-adj --pid --pids-limit --platform \
          --privileged -p,--publish -P,--publish-all --pull -q,--quiet --read-only --restart \
          --rm --runtime --security-opt --shm-size --sig-proxy --stop-signal --stop-timeout \
          --storage-opt --sysctl --tmpfs -t,--tty --ulimit --use-api-socket -u,--user \
          --userns --uts -v,--volume --volume-driver --volumes-from -w,--workdir
        save -o,--output --platform
        search -f,--filter --format --limit --no-trunc
        start -a,--attach --checkpoint --checkpoint-dir --detach-keys -i,--interactive
        stats -a,--all --format --no-stream --no-trunc
        stop -s,--signal -t,--timeout
        system df --format -v,--verbose
        system prune -a,--all --filter -f,--force --volumes
        tag
        top
        unpause
        update --blkio-weight --cpu-period --cpu-quota --cpu-rt-period --cpu-rt-runtime \
          -c,--cpu-shares --cpus --cpuset-cpus --cpuset-mems -m,--memory \
          --memory-reservation --memory-swap --pids-limit --restart
        version -f,--format
        volume create --availability -d,--driver --group --label --limit-bytes -o,--opt \
          --required-bytes --scope --secret --sharing --topology-preferred \
          --topology-required --type
        volume inspect -f,--format
        volume ls --cluster -f,--filter --format -q,--quiet
        volume prune -a,--all --filter -f,--force
        volume rm -f,--force
        volume update --availability
        wait
        ! * --debug: it stands before the command: docker -D …
        ! build --cpu-period --cpu-quota --cpu-shares --cpuset-cpus --cpuset-mems --memory \
          --memory-swap: steps of a build have no limits; docker's builder takes and ignores it
        ! build --isolation --security-opt: it is a flag of docker's former builder
        ! build --squash: it is a flag of docker's former builder; COPY --from makes one layer of many
        ~ build --disable-content-trust: true, for no signatures are checked
        ~ build --compress --force-rm --rm: taken, for nothing has to be done
        ~ build --provenance --attest: SLSA v0.2, without definitions of steps
        ~ build --sbom: false; a list of packages takes a scanner
        ! buildx create --append --buildkitd-config --buildkitd-flags --driver-opt --leave --node \
          --platform: berth has one builder, its own
        ~ buildx create --driver: docker and docker-container, which change nothing
        ! buildx rm --all-inactive --keep-daemon --keep-state: there is no daemon and no state of one
        ! buildx rm --builder: the names stand behind the command
        ! buildx use --builder --default --global: there is one builder, for everyone
        ~ pull --disable-content-trust: true, for no signatures are checked
        ~ push --disable-content-trust: true, for no signatures are checked
        ~ run --disable-content-trust: true, for no signatures are checked
        ! rm --link: a link goes with the container that has it
        ! run --cpu-count --cpu-percent --io-maxbandwidth --io-maxiops: it is a limit of Windows
        ! run --kernel-memory: Linux has no such limit any more
        ~ run --isolation: default, for others are of Windows
        ~ run --runtime: runc and io.containerd.runc.v2, which mean berth's own
        ! run --storage-opt: docker has it only where overlay is over xfs with pquota
        ! run --use-api-socket: there is no daemon here, and so no socket of one
        ~ run --userns: host and auto, for users of its own have a range that nobody else has
        ~ run --volume-driver: local
        ! start --checkpoint --checkpoint-dir: no memory of processes is kept
        ! network create --config-from --config-only --ingress: it is for networks of swarms
        ! network create --ipam-opt: the driver of addresses has no options
        ~ network create --ipam-driver: default
        ~ network create --scope: local
        ! volume create --availability --group --limit-bytes --required-bytes --scope --secret \
          --sharing --topology-preferred --topology-required --type: it is for volumes of a cluster
        ! volume ls --cluster: berth works on one machine
        ! volume update: it is for volumes of a cluster
        """
}
