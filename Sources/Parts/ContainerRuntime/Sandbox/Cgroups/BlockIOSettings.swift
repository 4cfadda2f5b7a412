import Linux
import SystemPackage

extension BlockIOLimits {
    /// The values in the files of a version. A device is looked up now: its numbers may be others
    /// after the next boot.
    ///
    /// - Throws: `RuntimeError` without a container's name, where there is no such device.
    func settings(isLegacy: Bool) throws(RuntimeError) -> [CgroupSetting] {
        var settings: [CgroupSetting] = []
        if let weight { settings.append(isLegacy ? Self.legacy(weight) : Self.unified(weight)) }
        for device in deviceWeights {
            let numbers = try Self.numbers(of: device.path)
            settings.append(
                Self.setting(
                    isLegacy ? "blkio.weight_device" : "io.bfq.weight",
                    "\(numbers) \(device.value)",
                    "block I/O weight of \(device.path)",
                    isLegacy
                )
            )
        }
        let rates = [
            ("blkio.throttle.read_bps_device", "rbps", readBytesPerSecond),
            ("blkio.throttle.read_iops_device", "riops", readOperationsPerSecond),
            ("blkio.throttle.write_bps_device", "wbps", writeBytesPerSecond),
            ("blkio.throttle.write_iops_device", "wiops", writeOperationsPerSecond),
        ]
        for (file, key, devices) in rates {
            for device in devices {
                let numbers = try Self.numbers(of: device.path)
                settings.append(
                    Self.setting(
                        isLegacy ? file : "io.max",
                        "\(numbers) \(isLegacy ? "" : key + "=")\(device.value)",
                        "block I/O limit of \(device.path)",
                        isLegacy
                    )
                )
            }
        }
        return settings
    }

    private static func legacy(_ weight: Int64) -> CgroupSetting {
        setting("blkio.weight", "\(weight)", "block I/O weight", true)
    }

    /// Its scale of 1 to 10000, as runc converts.
    private static func unified(_ weight: Int64) -> CgroupSetting {
        let value = 1 + (weight - 10) * 9999 / 990
        return setting("io.weight", "default \(value)", "block I/O weight", false)
    }

    /// Several devices stand in one file, each on a line.
    private static func setting(
        _ file: String,
        _ value: String,
        _ meaning: String,
        _ isLegacy: Bool
    ) -> CgroupSetting {
        var setting = CgroupSetting(isLegacy ? "blkio" : "io", file, value, meaning)
        setting.isReadable = false
        return setting
    }

    private static func numbers(of path: String) throws(RuntimeError) -> String {
        let device = try HostDevice(at: path, for: "blkio_config")
        guard device.kind == .block else {
            throw RuntimeError(
                container: "",
                message: "blkio_config: \(path) is not a block device",
                hint: "name one that `lsblk -p` lists"
            )
        }
        return "\(device.major):\(device.minor)"
    }
}
