import Platform

/// Small files that are there whole or not at all.
extension FileSystem {
    /// Puts the bytes in the place of the file by way of a draft, and makes that durable.
    func replace(_ target: String, with bytes: [UInt8], draft: String) throws {
        try writeDraft(bytes, at: draft)
        try rename(draft, to: target)
        try syncDirectory(String(target[..<(target.lastIndex(of: "/") ?? target.startIndex)]))
    }

    /// What lies at the path already is an earlier draft.
    func writeDraft(_ bytes: [UInt8], at path: String) throws {
        try remove(path)
        try append(bytes, to: path)
        try sync(path)
    }
}
