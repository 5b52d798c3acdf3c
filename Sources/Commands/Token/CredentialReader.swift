import Pipedrive
import Planning
import Platform

/// Makes what requests need out of what the job names.
extension World {
    func credentials(for job: Job, _ transport: any HTTPTransport) throws -> any Credentials {
        switch job.access {
        case .token(let source): return APIToken(try TokenReader.read(source, environment: environment))
        case .oauth(let oauth):
            let file = refreshTokenFile(of: oauth)
            // Missing or open to others: told before anything is sent.
            let kept = try file.read()
            return OAuthAccess(
                server: try server(of: oauth, transport), keeper: file, baseURL: job.baseURL, clock: clock,
                loggedInAt: kept.loggedInAt)
        }
    }

    /// The name of the token or login that would ask (`Credentials.name`), for who only looks: no program is run for
    /// it. Nil where it cannot be had.
    func accessName(of job: Job) -> String? {
        switch job.access {
        case .token(.command): nil
        case .token(let source): (try? TokenReader.read(source, environment: environment)).map { APIToken($0).name }
        case .oauth(let oauth):
            (try? refreshTokenFile(of: oauth).read()).map { OAuthAccess.name(loggedInAt: $0.loggedInAt) }
        }
    }

    func client(for job: Job, _ transport: any HTTPTransport) throws -> PipedriveClient {
        PipedriveClient(
            baseURL: job.baseURL, credentials: try credentials(for: job, transport), transport: transport,
            clock: clock, keepFree: job.budget.keepFree)
    }

    func refreshTokenFile(of oauth: Job.OAuth) -> RefreshTokenFile {
        RefreshTokenFile(path: oauth.refreshTokenFile, disk: disk, clock: clock)
    }

    func server(of oauth: Job.OAuth, _ transport: any HTTPTransport) throws -> OAuthServer {
        let client = OAuthClient(
            id: try TokenReader.read(oauth.clientID, named: "OAuth client id", environment: environment),
            secret: try TokenReader.read(oauth.clientSecret, named: "OAuth client secret", environment: environment))
        return OAuthServer(address: oauth.server, client: client, transport: transport)
    }
}
