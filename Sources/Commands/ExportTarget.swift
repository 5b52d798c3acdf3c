import Foundation
import Planning
import Platform

/// Where an export is to appear. The file there is replaced by a rename, so it has to be a file: a device would be
/// gone, and a link would no longer lead to anything.
enum ExportTarget {
    private static let mostLinks = 40

    /// The absolute path of the file, behind the links that lead to it. Throws `Stop`.
    static func file(_ path: String) throws -> String {
        guard !path.isEmpty else { throw refusal("--output names no file") }
        let target = try behindLinks(absolute(path))
        switch kind(of: target) {
        case nil: break
        case .typeRegular?: return target
        case .typeDirectory?: throw refusal("--output \(path) is a folder", "name a file in it")
        default: throw refusal("--output \(path) is not a file", "leave --output out to write to standard output")
        }
        let folder = String(target[..<(target.lastIndex(of: "/") ?? target.startIndex)])
        guard folder.isEmpty || kind(of: folder) == .typeDirectory else {
            throw Stop(.cannotCreateOutput, "there is no folder \(folder)", hint: "make it, or name another --output")
        }
        return target
    }

    /// The folder, made where there is none. Throws `Stop`.
    static func folder(_ path: String) throws -> String {
        guard !path.isEmpty else { throw refusal("--output names no folder") }
        do {
            try World().disk.createDirectory(absolute(path))
        } catch {
            throw Stop(.cannotCreateOutput, "\(error)", hint: "name a folder that can be made with --output")
        }
        return absolute(path)
    }

    private static func refusal(_ reason: String, _ hint: String = "see pipesnap export --help") -> Stop {
        Stop(.wrongArguments, reason, hint: hint)
    }

    private static func absolute(_ path: String) -> String {
        FilePath.absolute(path, from: FileManager.default.currentDirectoryPath)
    }

    private static func behindLinks(_ path: String) throws -> String {
        var path = path
        for _ in 0..<mostLinks {
            guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return path }
            let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
            path = FilePath.absolute(next, from: folder)
        }
        throw refusal("--output \(path) is a link that leads nowhere")
    }

    private static func kind(of path: String) -> FileAttributeType? {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return (try? FileManager.default.attributesOfItem(atPath: real))?[.type] as? FileAttributeType
    }
}
