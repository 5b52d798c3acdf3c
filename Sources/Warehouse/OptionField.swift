/// A field of Pipedrive's own whose values are ids of options, as its definitions have shown them: labels, visibility,
/// channels.
package struct OptionField: Hashable, Sendable {
    /// What the definitions call it: `label_ids`, `channel`.
    var code: String
    /// When one of its options was first seen, as text that sorts.
    var since: String
    /// Those of deleted options too: records keep their ids.
    var options: [CustomField.Option]

    /// Nil without options that have numbers: words, as `open` and `won`, need no labels.
    package init?(code: String, since: String, options: [CustomField.Option]) {
        guard !options.isEmpty else { return nil }
        (self.code, self.since, self.options) = (code, since, options)
    }

    /// The member that holds the ids: the definitions of some lists say `label` where the records say `label_ids`.
    private var members: [String] { [code, "\(code)_ids"] }

    /// The column of its labels, beside that of its ids; nil where the records have no such member, or a flag there.
    func labels(beside standard: [Column]) -> Column? {
        let found = members.lazy.compactMap { member in standard.first { $0.path == [member] } }.first
        guard let ids = found else { return nil }
        return switch ids.kind {
        case .ids: Column("\(ids.name)__labels", ids.path, .labels(options))
        case .integer, .text: Column("\(ids.name)__label", ids.path, .label(options))
        default: nil
        }
    }
}
