package import Planning

/// Children: read for the parents that changed.
extension RunStore {
    /// What is known of the work on a child stream.
    /// - Parameter limit: the most parents to be told of.
    package func childBook(of stream: StreamSpec, limit: Int) throws -> ChildBook {
        try index.childBook(of: stream, limit: limit)
    }

    /// Children that were known under the batch's parents and that it has not shown. All its earlier pages must be
    /// committed.
    package func unshownChildren(of walk: Walk, stream: StreamSpec, alsoShown: [RecordKey]) throws -> [RecordKey] {
        stream.isHistory ? [] : try index.unshownChildren(of: walk, stream: stream, alsoShown: alsoShown)
    }

    /// Parents whose children are still to be read, all of them before the stream was begun.
    package func parentsToRead(of stream: StreamSpec) throws -> Int { try index.parentsToRead(of: stream) }

    /// Puts a parent first in line whose children were read before; nil when there is none.
    package func queueWitness(of stream: StreamSpec) throws -> RecordKey? {
        try index.queueWitness(of: stream, turn: number)
    }

    /// Whether the record stands as present.
    package func isPresent(_ key: RecordKey, stream: String) throws -> Bool {
        try index.isPresent(key, stream: stream)
    }
}
