/// Devices and parts of the sandbox that a file asks for.
extension UnsupportedValues {
    func checkDevices(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        for (index, device) in (service["devices"]?.list ?? []).enumerated() {
            let place = "\(path).devices[\(index)]"
            guard let source = device["source"], let text = source.string else { continue }
            // What files say of it is looked up by `LoadSession.deviceEdits`.
            if DeviceMapping.isQualifiedName(text) { continue }
            if !text.hasPrefix("/") {
                diagnostics.problem(
                    "\"\(text)\" is not the path of a device",
                    at: source.mark,
                    hint: "such as /dev/fuse, or vendor.com/class=name",
                    path: place
                )
            }
            if let target = device["target"], let path = target.string, path != text,
                !path.hasPrefix("/") || path.split(separator: "/").first == "proc"
                    || path.split(separator: "/").contains("..")
            {
                diagnostics.problem(
                    "no device can be at \"\(path)\" in the container",
                    at: target.mark,
                    hint: "an absolute path, such as /dev/fuse",
                    path: place
                )
            }
        }
    }

    func checkSecurity(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        for (index, item) in (service["security_opt"]?.list ?? []).enumerated() {
            guard case .label(let label)? = item.string.flatMap(SecurityOption.init),
                label != "disable"
            else { continue }
            diagnostics.warning(
                "changes nothing here: containers are not labelled for SELinux",
                at: item.mark,
                path: "\(path).security_opt[\(index)]"
            )
        }
        if let parent = service["cgroup_parent"], let text = parent.string,
            text.split(separator: "/").contains("..")
        {
            diagnostics.problem(
                "\"\(text)\" is not the path of a group",
                at: parent.mark,
                hint: "write it without \"..\", such as /batch",
                path: "\(path).cgroup_parent"
            )
        }
    }
}
