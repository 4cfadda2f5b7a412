import ArgumentParser

/// Docker's own command line: what `berth docker …` takes, and berth when it is called as `docker`.
///
/// The groups are berth's; the flat words lead to the same commands.
struct Docker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docker",
        abstract: "Docker's command line: docker images, docker compose up, …",
        discussion: """
            `docker compose …` is `berth …`. Called through a symbolic link named docker, berth \
            takes this command line without the first word.
            """,
        version: "Docker version 28.5.2, build berth-\(Version.number)",
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Groups",
                subcommands: [
                    BuilderGroup.self, ContainerGroup.self, ImageGroup.self, NetworkGroup.self,
                    System.self,
                    VolumeGroup.self,
                ]
            ),
            CommandGroup(
                name: "Containers",
                subcommands: [
                    Renamed<Words.Create, ContainerGroup.Create>.self,
                    Renamed<Words.Run, ContainerGroup.Run>.self,
                    Renamed<Words.Start, ContainerGroup.Start>.self,
                    Renamed<Words.Stop, ContainerGroup.Stop>.self,
                    Renamed<Words.Restart, ContainerGroup.Restart>.self,
                    Renamed<Words.Remove, ContainerGroup.Remove>.self,
                    Renamed<Words.Kill, ContainerGroup.Kill>.self,
                    Renamed<Words.Pause, ContainerGroup.Pause>.self,
                    Renamed<Words.Unpause, ContainerGroup.Unpause>.self,
                    Renamed<Words.Rename, ContainerGroup.Rename>.self,
                    Renamed<Words.Update, ContainerGroup.Update>.self,
                    Renamed<Words.Wait, ContainerGroup.Wait>.self,
                    Renamed<Words.Attach, ContainerGroup.Attach>.self,
                    Renamed<Words.Exec, ContainerGroup.Exec>.self,
                    Renamed<Words.Logs, ContainerGroup.Logs>.self,
                    Renamed<Words.Port, ContainerGroup.Port>.self,
                    Renamed<Words.Top, ContainerGroup.Top>.self,
                    Renamed<Words.Stats, ContainerGroup.Stats>.self,
                    Renamed<Words.Copy, ContainerGroup.Copy>.self,
                    Renamed<Words.Containers, ContainerGroup.List>.self,
                    Renamed<Words.Diff, ContainerGroup.Diff>.self,
                ]
            ),
            CommandGroup(
                name: "Images",
                subcommands: [
                    Renamed<Words.Bake, BuilderGroup.BakeFiles>.self,
                    Renamed<Words.Build, ImageGroup.Build>.self,
                    Renamed<Words.History, ImageGroup.History>.self,
                    Renamed<Words.Images, ImageGroup.List>.self,
                    Renamed<Words.Pull, ImageGroup.Pull>.self,
                    Renamed<Words.Push, ImageGroup.Push>.self,
                    Renamed<Words.RemoveImage, ImageGroup.Remove>.self,
                    Renamed<Words.Tag, ImageGroup.Tag>.self,
                    Renamed<Words.Save, ImageGroup.Save>.self,
                    Renamed<Words.Load, ImageGroup.Load>.self,
                    Renamed<Words.Import, ImageGroup.Import>.self,
                    Renamed<Words.Commit, ContainerGroup.Commit>.self,
                    Renamed<Words.Export, ContainerGroup.Export>.self,
                    Inspect.self,
                ]
            ),
            CommandGroup(
                name: "Machine",
                subcommands: [
                    Renamed<Words.Events, System.Events>.self,
                    Renamed<Words.Info, System.Info>.self,
                    DockerVersion.self,
                ]
            ),
            CommandGroup(
                name: "Registries",
                subcommands: [
                    Renamed<Words.Login, RegistryGroup.Login>.self,
                    Renamed<Words.Logout, RegistryGroup.Logout>.self,
                    Renamed<Words.Search, RegistryGroup.Search>.self,
                ]
            ),
        ]
    )
}
