import Planning

/// `api.token` and `api.oauth`: where secrets come from, never the secrets. No message here repeats a value, since
/// people do write the secret where its name should stand.
struct TokenDecoder {
    private static let cure = "write {env: NAME}, {file: PATH} or {command: [PROGRAM, …]}"

    let folder: String

    func access(in api: Section) -> Job.Access? {
        guard api.has("oauth") else {
            return source("token", in: api, example: "PIPEDRIVE_API_TOKEN").map(Job.Access.token)
        }
        if api.has("token") {
            api.optional("oauth")?.tell("stands beside api.token; a job has one of the two")
            _ = source("token", in: api, example: "PIPEDRIVE_API_TOKEN")
        }
        return oauth(api.section("oauth", isOptional: false)).map(Job.Access.oauth)
    }

    private func oauth(_ section: Section) -> Job.OAuth? {
        let id = source("client_id", in: section, example: "PIPEDRIVE_CLIENT_ID")
        let secret = source("client_secret", in: section, example: "PIPEDRIVE_CLIENT_SECRET")
        let file = section.required("refresh_token_file", example: "refresh_token_file: acme.refresh")?
            .path(from: folder)
        let server = section.has("server") ? section.optional("server")?.baseURL() : Self.usualServer
        let redirect = section.has("redirect") ? section.optional("redirect")?.redirect() : Self.usualRedirect
        guard let id, let secret, let file, let server, let redirect else { return nil }
        return Job.OAuth(clientID: id, clientSecret: secret, refreshTokenFile: file, server: server, redirect: redirect)
    }

    static let usualServer = "https://oauth.pipedrive.com"
    static let usualRedirect = "http://127.0.0.1:8931/"

    private func source(_ key: String, in section: Section, example: String) -> Job.TokenSource? {
        guard let field = section.required(key, example: "\(key): {env: \(example)}") else { return nil }
        guard case .mapping(let entries) = field.node.content else {
            field.tell("must say where the \(Self.noun(key)) is, not hold it; \(Self.cure)")
            return nil
        }
        let section = field.section
        let (env, file, command) = (section.optional("env"), section.optional("file"), section.optional("command"))
        let known = entries.filter { ["env", "file", "command"].contains($0.key) }
        guard known.count == 1 else {
            field.tell("must have exactly one of env, file and command; \(Self.cure)")
            return nil
        }
        return env.flatMap { environment($0, Self.noun(key), example) } ?? file.flatMap(file(_:))
            ?? command.flatMap(command(_:))
    }

    private static func noun(_ key: String) -> String { key.replacing("_", with: " ") }

    private func environment(_ field: Field, _ noun: String, _ example: String) -> Job.TokenSource? {
        guard let name = field.text(isSecret: true) else { return nil }
        let isName = name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil
        // Pipedrive's tokens and client secrets are 40 hexadecimal digits, its client ids 16.
        guard isName, name.wholeMatch(of: /[0-9a-fA-F]{40}|[0-9a-f]{16}/) == nil else {
            field.tell("must be the name of an environment variable, such as \(example), not the \(noun)")
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
