import Linux
import SystemPackage

/// One file, folder or link that a COPY takes.
struct CopyItem: Sendable {
    /// Where it goes, relative to the destination of its source; empty for the folder whose
    /// content is copied.
    var path: FilePath
    var facts: FileFacts
    /// Content of a link.
    var linkTarget: [UInt8] = []
    /// Where it is in the view, links resolved, and the layer that has it.
    var source: FilePath
    var layer: Int
    /// Extended attributes that are copied.
    var attributes: [String: [UInt8]] = [:]
    /// A folder that says nothing about one that is there already: a parent of what is copied.
    var yields = false
}

/// What one source of a COPY stands for.
struct CopySelection: Sendable {
    /// The source as written, cleaned; wildcards expanded.
    var source: FilePath
    /// A folder gives its content, anything else goes under its own name.
    var isFolder: Bool
    /// Parents before children, each folder's names in the order of their bytes.
    var items: [CopyItem]
}
