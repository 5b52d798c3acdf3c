import Planning
import Platform

/// What no index can be made with, and what has to be put aside so that one can.
struct UnfitFile: Error {
    var stop: Stop
    var cure = Mending()

    /// A file as it was found.
    init(_ found: Survey.Found, _ damage: FileDamage, in folders: Folders) {
        stop = Stop(damage, at: folders.absolute(found.path))
        cure.lose(found.path, found.told)
    }

    /// - Parameter path: of the first one, for the sentence.
    init(_ files: [Manifest.File], _ damage: FileDamage, at path: String) {
        stop = Stop(damage, at: path)
        for file in files { cure.lose(file.path, file) }
    }

    /// What it had told, nobody can say.
    init(manifestOf run: String, _ damage: FileDamage, in folders: Folders) {
        stop = Stop(damage, at: folders.manifest(run: run))
        cure.manifests = [run]
        for stream in Catalogue.streams { cure.forgetAll(of: stream.name) }
    }

    /// Where nobody puts anything aside, such a file ends the command.
    static func stopping<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let unfit as UnfitFile {
            throw unfit.stop
        }
    }
}

extension Manifest {
    /// Reads the manifest of a run. Throws `UnfitFile` for one that is damaged.
    init(mendable run: String, folders: Folders, disk: any FileSystem) throws {
        do {
            self = try Manifest(run: run, folders: folders, disk: disk)
        } catch let damage as FileDamage {
            throw UnfitFile(manifestOf: run, damage, in: folders)
        }
    }
}
