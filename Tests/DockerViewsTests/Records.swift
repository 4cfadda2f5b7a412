import ContainerRuntime
import OCI

@testable import Engine

/// Records as the database has them.
enum Records {
    /// A container of a project.
    static func container(_ status: ContainerRecord.Status, code: Int32?) throws -> ContainerRecord
    {
        let spec = ContainerSpec(
            image: .of([]),
            imageName: "app",
            process: ProcessSpec(arguments: ["/app"])
        )
        let json = try SpecHash.canonicalJSON(spec)
        var record = ContainerRecord(
            id: .random(),
            name: "shop-web-1",
            image: .of([]),
            specJSON: json,
            specHash: try SpecHash.hash(of: spec),
            createdAt: .now()
        )
        record.status = status
        record.exitCode = code
        return record
    }
}
