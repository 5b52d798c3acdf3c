import Foundation

/// Paths as a job file means them: relative ones start at the job file's own folder.
enum FilePath {
    /// The folder the file lies in, absolute and with links resolved: then `..` in a job file means what it
    /// means to the kernel, and two ways to one folder give one path.
    static func folder(ofFileAt path: String) -> String {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let resolved = realpath(folder, nil) else {
            return normalised(absolute(folder, from: FileManager.default.currentDirectoryPath))
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func absolute(_ path: String, from folder: String) -> String {
        normalised(path.hasPrefix("/") ? path : folder + "/" + path)
    }

    /// Without `.`, `..` and doubled slashes.
    static func normalised(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
