/// The commands and flags of docker compose 2.40.3, as its own `--help` lists them; `alpha` and
/// `bridge` by name alone. What is told of a word that berth lacks comes from here, and the table of
/// `docs/command-line.md`.
enum DockerCompose {
    static let version = "2.40.3"
    static let commands = ReferenceCommand.read(table, of: .compose)

    static func command(named name: String) -> ReferenceCommand? {
        commands.first { $0.name == name }
    }

    /// A command and its flags; a line that begins with ! says why berth refuses one for good.
    private static let table = """
        * --all-resources --ansi --compatibility --dry-run --env-file -f,--file --parallel \
          --profile --progress --project-directory -p,--project-name
        attach --detach-keys --index --no-stdin --sig-proxy
        build --build-arg --builder --check -m,--memory --no-cache --print --provenance --pull \
          --push -q,--quiet --sbom --ssh --with-dependencies
        commit -a,--author -c,--change --index -m,--message -p,--pause
        config --environment --format --hash --images --lock-image-digests --models --networks \
          --no-consistency --no-env-resolution --no-interpolate --no-normalize \
          --no-path-resolution -o,--output --profiles -q,--quiet --resolve-image-digests \
          --services --variables --volumes
        cp --all -a,--archive -L,--follow-link --index
        create --build --force-recreate --no-build --no-recreate --pull --quiet-pull \
          --remove-orphans --scale -y,--yes
        down --remove-orphans --rmi -t,--timeout -v,--volumes
        events --json --since --until
        exec -d,--detach -e,--env --index -T,--no-tty --privileged -u,--user -w,--workdir
        export --index -o,--output
        images --format -q,--quiet
        kill --remove-orphans -s,--signal
        logs -f,--follow --index --no-color --no-log-prefix --since -n,--tail -t,--timestamps \
          --until
        ls -a,--all --filter --format -q,--quiet
        pause
        port --index --protocol
        ps -a,--all --filter --format --no-trunc --orphans -q,--quiet --services --status
        publish --app --oci-version --resolve-image-digests --with-env -y,--yes
        pull --ignore-buildable --ignore-pull-failures --include-deps --policy -q,--quiet
        push --ignore-push-failures --include-deps -q,--quiet
        restart --no-deps -t,--timeout
        rm -f,--force -s,--stop -v,--volumes
        run --build --cap-add --cap-drop -d,--detach --entrypoint -e,--env --env-from-file \
          -i,--interactive -l,--label --name -T,--no-TTY --no-deps -p,--publish --pull \
          -q,--quiet --quiet-build --quiet-pull --remove-orphans --rm -P,--service-ports \
          --use-aliases -u,--user -v,--volume -w,--workdir
        scale --no-deps
        start
        stats -a,--all --format --no-stream --no-trunc
        stop -t,--timeout
        top
        unpause
        up --abort-on-container-exit --abort-on-container-failure --always-recreate-deps \
          --attach --attach-dependencies --build -d,--detach --exit-code-from --force-recreate \
          --menu --no-attach --no-build --no-color --no-deps --no-log-prefix --no-recreate \
          --no-start --pull --quiet-build --quiet-pull --remove-orphans -V,--renew-anon-volumes \
          --scale -t,--timeout --timestamps --wait --wait-timeout -w,--watch -y,--yes
        version -f,--format --short
        volumes --format -q,--quiet
        wait --down-project
        watch --no-up --prune --quiet
        alpha
        bridge
        ! build --memory: BuildKit does not support it either
        ! build --builder: berth has one builder, its own
        ! publish --app: images stay in their own repositories
        ! up --menu: nothing is drawn over the logs
        ! alpha: experiments of docker's
        ! bridge: needs docker's transformation images
        """
}
