/// What one look at the kernel's network state has shown.
package struct NetworkSurvey: Sendable {
    /// Every link and firewall element of berth's, whichever state folder's.
    package var objects: [NetworkObject]
    /// What the records that were given say and the kernel has otherwise.
    package var faults: [NetworkFault]
}
