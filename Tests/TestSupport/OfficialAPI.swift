package import Foundation

/// What the official description says of reading operations, found by the indentation of its lines: no YAML
/// library is needed for the few things that are looked for.
package struct OfficialAPI {
    package struct Reading {
        package var tokenCost: Int?
        package var isDeprecated = false
        /// Any one of them lets an app in.
        package var scopes: Set<String> = []
        /// The lines that describe each query parameter, joined.
        package var parameters: [String: String] = [:]
    }

    /// By path.
    package private(set) var reading: [String: Reading] = [:]

    package static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/pipedrive")

    /// Nil where it does not lie beside the project.
    package static func text(_ name: String) -> String? {
        try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    package init(_ yaml: String) {
        var (path, isReading, member, parameter) = ("", false, "", "")
        var isInPaths = false
        for line in yaml.split(separator: "\n") {
            let indent = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indent)
            if indent == 0 { isInPaths = text == "paths:" }
            guard isInPaths else { continue }
            switch indent {
            case 2: path = text.filter { $0 != "'" && $0 != ":" }
            case 4:
                isReading = text == "get:"
                if isReading { reading[path] = Reading() }
            case 6 where isReading:
                member = String(text.prefix { $0 != ":" })
                if member == "x-token-cost" { reading[path]?.tokenCost = Int(text.filter(\.isNumber)) }
                if text == "deprecated: true" { reading[path]?.isDeprecated = true }
            case 12 where isReading && member == "security" && text.hasPrefix("- "):
                reading[path]?.scopes.insert(text.dropFirst(2).filter { $0 != "'" })
            case 8... where isReading && member == "parameters":
                let words = text.hasPrefix("- ") ? text.dropFirst(2) : text
                if indent == 8 { parameter = "" }
                if indent <= 10, words.hasPrefix("name: ") { parameter = String(words.dropFirst(6)) }
                if !parameter.isEmpty { reading[path]?.parameters[parameter, default: ""] += text + "\n" }
            default: break
            }
        }
    }
}
