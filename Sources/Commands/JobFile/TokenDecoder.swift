import Planning

/// `api.token`: where the token comes from, never the token. No message here repeats a value, since people
/// do write the secret where its name should stand.
struct TokenDecoder {
    private static let cure = "write {env: NAME}, {file: PATH} or {command: [PROGRAM, …]}"

    let folder: String

    func token(in api: Section) -> Job.TokenSource? {
        guard let field = api.required("token", example: "token: {env: PIPEDRIVE_API_TOKEN}") else { return nil }
        guard case .mapping(let entries) = field.node.content else {
            field.tell("must say where the token is, not hold it; \(Self.cure)")
            return nil
        }
        let section = field.section
        let (env, file, command) = (section.optional("env"), section.optional("file"), section.optional("command"))
        let known = entries.filter { ["env", "file", "command"].contains($0.key) }
        guard known.count == 1 else {
            field.tell("must have exactly one of env, file and command; \(Self.cure)")
            return nil
        }
        return env.flatMap(environment) ?? file.flatMap(file(_:)) ?? command.flatMap(command(_:))
    }

    private func environment(_ field: Field) -> Job.TokenSource? {
        guard let name = field.text(isSecret: true) else { return nil }
        let isName = name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil
        // Pipedrive's tokens are 40 hexadecimal digits.
        guard isName, name.wholeMatch(of: /[0-9a-fA-F]{40}/) == nil else {
            field.tell("must be the name of an environment variable, such as PIPEDRIVE_API_TOKEN, not the token")
            return nil
        }
        return .environment(variable: name)
    }

    private func file(_ field: Field) -> Job.TokenSource? {
        field.path(from: folder).map(Job.TokenSource.file)
    }

    private func command(_ field: Field) -> Job.TokenSource? {
        guard case .list(let nodes) = field.node.content, !nodes.isEmpty else {
            field.tell("must be a list of a program and its arguments, for example [pass, show, pipedrive]")
            return nil
        }
        var command = nodes.filter { !$0.isBroken }.compactMap { field.item($0).text(isSecret: true) }
        guard command.count == nodes.count else { return nil }
        // A name without a slash is looked for in PATH, any other is a path like those of files.
        if command[0].contains("/") { command[0] = FilePath.absolute(command[0], from: folder) }
        return .command(command)
    }
}
