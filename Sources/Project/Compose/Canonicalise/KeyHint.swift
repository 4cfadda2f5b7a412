import OrderedCollections

/// What was likely meant by a key that is not known where it stands.
enum KeyHint {
    /// A known word for it, the nearest key, or the place it belongs to.
    static func hint(for key: String, _ value: Node, among fields: Fields) -> String? {
        if let known = synonyms[key.lowercased()], fields[known] != nil {
            return "did you mean \"\(known)\"?"
        }
        // A key that is right elsewhere is misplaced rather than misspelt.
        if fields[key] == nil, let place = place(of: key, value, in: fields) { return place }
        return suggestion(for: key, among: fields.keys)
    }

    private static func place(of key: String, _ value: Node, in fields: Fields) -> String? {
        let isProject = fields["services"] != nil
        let isService = fields["image"] != nil && fields["ports"] != nil
        if isProject {
            if let entries = value.map, entries["image"] != nil || entries["build"] != nil {
                return "a service goes under \"services\""
            }
            if Fields.service[key] != nil { return "it belongs in a service" }
        }
        if isService {
            if Fields.deploy[key] != nil { return "it belongs under \"deploy\"" }
            if Fields.build[key] != nil { return "it belongs under \"build\"" }
            if Fields.healthcheck[key] != nil { return "it belongs under \"healthcheck\"" }
            if Fields.project[key] != nil {
                return "it belongs at the top level; is it indented too far?"
            }
        }
        return nil
    }

    /// Words of other tools and of habit.
    private static let synonyms = [
        "env": "environment", "envs": "environment", "environments": "environment",
        "env_vars": "environment", "cmd": "command", "args": "command", "workdir": "working_dir",
        "work_dir": "working_dir", "memory": "mem_limit", "mem": "mem_limit", "cpu": "cpus",
        "container": "container_name", "name": "container_name", "mounts": "volumes",
        "mount": "volumes", "binds": "volumes", "publish": "ports", "depends": "depends_on",
        "dependson": "depends_on", "needs": "depends_on", "health": "healthcheck",
        "health_check": "healthcheck", "restart_policy": "restart", "nets": "networks",
        "host": "hostname", "uid": "user", "envfile": "env_file", "net": "network_mode",
        "volume_from": "volumes_from", "log_driver": "logging", "log_opt": "logging",
        "cap": "cap_add", "service": "services", "tag": "image",
    ]
}
