/// The numbers that one run gave in one file.
struct NumberRange: Hashable {
    var path: String
    var run: String
    var first: Int64
    var last: Int64

    /// One whose numbers another run had given before.
    struct Doubled: Hashable {
        var range: NumberRange
        var earlierRun: String

        var words: String {
            "has the numbers \(range.first) to \(range.last), and run \(earlierRun) had given such numbers before"
        }
    }

    /// Within a run the numbers of streams lie among each other; those of different runs lie apart, as long as no run
    /// was begun with an index that was older than the files. Of two that do not, the later run's are the doubled ones.
    static func doubled(_ ranges: [NumberRange]) -> [Doubled] {
        var doubled: [Doubled] = []
        // Those that reach as far as the present one.
        var open: [NumberRange] = []
        for range in ranges.sorted(by: { ($0.first, $0.run) < ($1.first, $1.run) }) {
            open.removeAll { $0.last < range.first }
            if let earlier = open.first(where: { $0.run < range.run }) {
                doubled.append(Doubled(range: range, earlierRun: earlier.run))
                continue
            }
            doubled += open.filter { $0.run > range.run }.map { Doubled(range: $0, earlierRun: range.run) }
            open.removeAll { $0.run > range.run }
            open.append(range)
        }
        return doubled
    }
}

extension Manifest.File {
    /// Those of each run that it has lines of.
    /// - Parameter run: to which the file belongs.
    func ranges(of run: String) -> [NumberRange] {
        guard let runs else { return [NumberRange(path: path, run: run, first: firstSeq, last: lastSeq)] }
        return runs.map { NumberRange(path: path, run: $0.run, first: $0.firstSeq, last: $0.lastSeq) }
    }
}
