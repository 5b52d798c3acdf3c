/// Seeds, so many at once.
struct Lanes {
    private let seeds: Range<UInt64>
    private let count: Int

    init(_ seeds: Range<UInt64>, _ count: Int) {
        self.seeds = seeds
        self.count = count
    }

    /// What came of each seed, in the order in which they end.
    func results<Result: Sendable>(_ work: @escaping @Sendable (UInt64) async -> Result) -> AsyncStream<Result> {
        let (seeds, count) = (seeds, count)
        return AsyncStream { stream in
            Task {
                await withTaskGroup(of: Result.self) { group in
                    var waiting = seeds.makeIterator()
                    func add() { if let seed = waiting.next() { group.addTask { await work(seed) } } }
                    for _ in 0..<count { add() }
                    for await result in group {
                        stream.yield(result)
                        add()
                    }
                }
                stream.finish()
            }
        }
    }
}
