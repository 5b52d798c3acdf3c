import ArgumentParser

/// What `make bench` measures inside the program: the parts that no command shows alone. The rest is measured from
/// outside, by scripts/bench.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", subcommands: [SliceBench.self, GrowBench.self, CommitBench.self])
}
