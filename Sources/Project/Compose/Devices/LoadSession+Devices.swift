import OrderedCollections

extension LoadSession {
    /// What files of the Container Device Interface say of the devices that services name under
    /// `devices`, `gpus` and `deploy.resources.reservations.devices`, by service.
    mutating func deviceEdits(of root: Node) -> [String: DeviceEdits] {
        var edits: [String: DeviceEdits] = [:]
        var files: CDIFiles?
        for (name, service) in root["services"]?.map ?? [:] {
            var wanted: [WantedDevice] = []
            for (index, item) in (service["devices"]?.list ?? []).enumerated() {
                guard let source = item["source"], let text = source.string,
                    let device = CDIName(text)
                else { continue }
                let place = "services.\(name).devices[\(index)]"
                wanted.append(WantedDevice(name: device, mark: source.mark, path: place))
            }
            let reserved = service["deploy"]?["resources"]?["reservations"]?["devices"]
            let requests = [
                (service["gpus"], "gpus"), (reserved, "deploy.resources.reservations.devices"),
            ]
            guard !wanted.isEmpty || requests.contains(where: { $0.0 != nil }) else { continue }
            let known =
                files
                ?? CDIFiles(
                    in: CDIFiles.folders(options.environment),
                    self.files,
                    limits: limits
                )
            files = known
            for (list, attribute) in requests {
                for (index, item) in (list?.list ?? []).enumerated() {
                    let place = "services.\(name).\(attribute)[\(index)]"
                    wanted += devices(for: item, at: place, known)
                }
            }
            edits[name] = collected(wanted, known)
        }
        return edits
    }

    /// What the devices ask for, one after the other, each file's common part once.
    private mutating func collected(_ wanted: [WantedDevice], _ files: CDIFiles) -> DeviceEdits {
        var edits = DeviceEdits()
        var opened: Set<String> = []
        for device in wanted where !edits.names.contains(device.name.text) {
            guard files.conflicts[device.name] == nil, let found = files.devices[device.name] else {
                diagnostics.problem(
                    "CDI device injection failed: unresolvable CDI devices \(device.name.text)",
                    at: device.mark,
                    hint: files.remedy(for: device.name),
                    path: device.path
                )
                continue
            }
            edits.names.append(device.name.text)
            do throws(CDIMistake) {
                if opened.insert(found.file).inserted, let common = found.common {
                    try edits.add(common)
                }
                if let own = found.edits { try edits.add(own) }
            } catch {
                diagnostics.problem(
                    "CDI device \(device.name.text) of \(found.file): \(error.message)",
                    at: device.mark,
                    hint: error.hint,
                    path: device.path
                )
            }
        }
        return edits
    }

    /// The devices that an element of `gpus` means: `nvidia.com/gpu=0` and so on.
    private mutating func devices(
        for request: Node,
        at path: String,
        _ files: CDIFiles
    ) -> [WantedDevice] {
        let ids = request["device_ids"]?.strings ?? []
        let driver = request["driver"]?.string ?? ""
        if driver == "cdi" {
            let names = ids.compactMap { CDIName($0) }
            if names.count == ids.count, !ids.isEmpty {
                return names.map { WantedDevice(name: $0, mark: request.mark, path: path) }
            }
        }
        let capabilities = request["capabilities"]?.strings ?? ["gpu"]
        let asked = capabilities.isEmpty ? ["gpu"] : capabilities
        guard let kind = kind(of: driver, asked, files) else {
            diagnostics.problem(
                "could not select device driver \"\(driver)\" with capabilities: "
                    + "[[\(asked.joined(separator: " "))]]",
                at: request.mark,
                hint: Self.remedy(driver, asked, files),
                path: path
            )
            return []
        }
        let count = request["count"]?.int ?? (ids.isEmpty ? -1 : 0)
        let numbers = ids.isEmpty ? count < 0 ? ["all"] : (0..<count).map(String.init) : ids
        return numbers.map {
            WantedDevice(name: CDIName(kind: kind, device: $0), mark: request.mark, path: path)
        }
    }

    /// `nvidia.com/gpu`, or that of another driver: without one, of the vendor that has a file.
    private func kind(of driver: String, _ capabilities: [String], _ files: CDIFiles) -> String? {
        guard capabilities.contains("gpu") else { return nil }
        let kinds = Set(files.devices.keys.map(\.kind)).filter { $0.hasSuffix("/gpu") }.sorted()
        if !driver.isEmpty { return kinds.first { $0 == "\(driver).com/gpu" } }
        return kinds.first { $0 == "nvidia.com/gpu" } ?? (kinds.count == 1 ? kinds[0] : nil)
    }

    private static func remedy(
        _ driver: String,
        _ capabilities: [String],
        _ files: CDIFiles
    ) -> String {
        if driver == "cdi" { return "name devices under device_ids: vendor.com/class=name" }
        guard capabilities.contains("gpu") else { return "gpu is what can be asked for" }
        let kind = CDIName(kind: "\(driver.isEmpty ? "nvidia" : driver).com/gpu", device: "all")
        return files.remedy(for: kind)
            + ", or name the device's nodes under \"devices\", such as /dev/dri/renderD128"
    }
}

/// A device that a service names, and where.
private struct WantedDevice {
    var name: CDIName
    var mark: Mark
    var path: String
}
