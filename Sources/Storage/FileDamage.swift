import Glibc
import Platform

/// What is wrong with a file of ours, in words that follow its path.
struct FileDamage: Error, Hashable, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }

    /// Nil where the file is as long as its manifest says, or not there.
    init?(bytes: Int64?, of file: Manifest.File) {
        guard let bytes, bytes != file.bytes else { return nil }
        self.init("has \(bytes) bytes and not \(file.bytes)")
    }

    /// Reads, or looks. What the disk has lost, does not let us read, or holds something else in place of, is damage of
    /// that file alone and no reason to look at no other.
    static func finding<Value>(_ read: () throws -> Value) throws -> Value {
        do {
            return try read()
        } catch let failure as FileFailure where failure.isInTheWay || [EIO, EACCES].contains(failure.code) {
            throw FileDamage("cannot be read (\(failure.reason))")
        }
    }
}

extension FileSystem {
    /// As `size`; throws `FileDamage` where something else lies in the file's place.
    func sizeOfOurs(_ path: String) throws -> Int64? { try storing { try FileDamage.finding { try size(path) } } }

    /// Whether anything lies there, be it a link that leads nowhere.
    func isTaken(_ path: String) throws -> Bool {
        do {
            return try size(path) != nil
        } catch let failure as FileFailure where failure.isInTheWay {
            return true
        }
    }
}
