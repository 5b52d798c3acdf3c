import Planning
import Warehouse

/// Where `load` loads into: `duckdb:PATH`, or `postgres:` and an address that PostgreSQL's own client understands.
enum WarehouseTarget: Hashable {
    case duckdb(path: String)
    case postgres(address: String)

    init(_ text: String) throws {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, !parts[1].isEmpty else { throw Self.wrong("\(text) names no engine and place") }
        switch parts[0] {
        case "duckdb": self = .duckdb(path: parts[1])
        case "postgres", "postgresql":
            let address = parts[1].hasPrefix("//") ? text : parts[1]
            guard !Self.holdsPassword(address) else {
                // What was typed is not repeated, since it holds the secret.
                throw Self.wrong("a password in the address can be read by everybody in the list of processes")
            }
            self = .postgres(address: address)
        default: throw Self.wrong("\(parts[0]) cannot be loaded into")
        }
    }

    var engine: Engine {
        switch self {
        case .duckdb: .duckdb
        case .postgres: .postgres
        }
    }

    /// In `scheme://user:password@host`, as a parameter, or in `password=… host=…`.
    private static func holdsPassword(_ address: String) -> Bool {
        if address.lowercased().contains("password") { return true }
        guard let start = address.firstRange(of: "://")?.upperBound else { return false }
        let authority = address[start...].prefix { $0 != "/" && $0 != "?" }
        guard let end = authority.lastIndex(of: "@") else { return false }
        return authority[..<end].contains(":")
    }

    private static func wrong(_ problem: String) -> Stop {
        Stop(
            .wrongArguments, "--into: \(problem)",
            hint: "write duckdb:PATH or postgres:ADDRESS, with the password in PGPASSWORD or ~/.pgpass")
    }
}
