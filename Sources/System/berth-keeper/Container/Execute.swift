import CLinux

extension Child {
    /// Executes the first of the candidates that can be. As a shell does, one that may not be
    /// executed is remembered over one that is not there.
    func execute() -> Never {
        let arguments = spec.vector(spec.fields.arguments)
        let environment = spec.vector(spec.fields.environment)
        unblockSignals()
        var reason = ENOENT
        var isThere = false
        for path in spec.list(spec.fields.candidates, of: keeper_text.self) {
            _ = execve(spec.path(path), arguments, environment)
            let error = berth_errno()
            if error == EACCES { reason = EACCES }
            // Then it is the interpreter that is missing.
            if error == ENOENT && access(spec.path(path), F_OK) == 0 { isThere = true }
            if error != ENOENT && error != ENOTDIR && error != EACCES {
                reason = error
                break
            }
        }
        blockSignals()
        let index = isThere && reason == ENOENT ? Int(KEEPER_FILE_IS_THERE) : 0
        fail(.exec, index, error: reason)
    }
}
