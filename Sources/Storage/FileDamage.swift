import Glibc
import Platform

/// What is wrong with a file of ours, in words that follow its path.
struct FileDamage: Error, Hashable, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }

    /// Reads. What the disk has lost, or holds a folder in place of, is damage of that file alone and no reason to look
    /// at no other.
    static func finding<Value>(_ read: () throws -> Value) throws -> Value {
        do {
            return try read()
        } catch let failure as FileFailure where [EIO, EISDIR].contains(failure.code) {
            throw FileDamage("cannot be read (\(failure.reason))")
        }
    }
}
