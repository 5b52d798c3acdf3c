/// A custom field of the account, as its definitions have described it since they were first listed.
package struct CustomField: Hashable, Sendable {
    /// Forty hexadecimal digits.
    package var key: String
    /// Oldest first, each with the time when it was first seen, as text that sorts.
    package var names: [Name]
    /// `varchar`, `monetary` …: the newest.
    package var type: String
    /// Those of deleted options too: records keep their ids.
    package var options: [Option]
    /// No longer among the definitions; older versions of records hold it still.
    package var isDeleted: Bool

    package struct Name: Hashable, Sendable {
        package var name: String
        package var since: String

        package init(_ name: String, since: String) { (self.name, self.since) = (name, since) }
    }

    package struct Option: Hashable, Sendable {
        package var id: Int64
        package var label: String

        package init(id: Int64, label: String) { (self.id, self.label) = (id, label) }
    }

    /// Nil for a key that is none of a custom field: nothing else is ever written into a statement as a key.
    package init?(
        key: String, names: [Name], type: String, options: [Option] = [], isDeleted: Bool = false
    ) {
        guard key.utf8.count == 40, key.utf8.allSatisfy({ 48...57 ~= $0 || 97...102 ~= $0 }), !names.isEmpty else {
            return nil
        }
        (self.key, self.names, self.type, self.options, self.isDeleted) = (key, names, type, options, isDeleted)
    }
}
