import CLinux

extension Child {
    /// Executes the first of the candidates that can be. As a shell does, one that may not be
    /// executed is remembered over one that is not there.
    func execute() -> Never {
        let arguments = spec.vector(spec.fields.arguments)
        let environment = spec.vector(spec.fields.environment)
        unblockSignals()
        var reason = ENOENT
        for path in spec.list(spec.fields.candidates, of: keeper_text.self) {
            _ = execve(spec.path(path), arguments, environment)
            let error = berth_errno()
            if error == EACCES { reason = EACCES }
            if error != ENOENT && error != ENOTDIR && error != EACCES {
                reason = error
                break
            }
        }
        blockSignals()
        fail(.exec, 0, error: reason)
    }
}
