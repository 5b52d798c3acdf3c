/// What is wrong with an answer's JSON, and where. Small and trivial, so that throwing it costs nothing until it
/// is thrown.
package struct JSONFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, Sendable {
        case cut = "the text ends too early"
        case syntax = "not JSON"
        case number = "a malformed number"
        case escape = "a malformed escape"
        case control = "a control character in a string"
        case utf8 = "invalid UTF-8"
        case depth = "nested too deeply"
        case trailing = "something after the end"
        case notAnObject = "not an object"
        case success = "\"success\" is not true"
        case noData = "no \"data\""
        case twice = "\"data\" or \"additional_data\" is there twice"
        case dataShape = "\"data\" is not a list of objects"
        case noKey = "a record without its key"
        case key = "a record whose key is neither an integer nor a text"
        case cursor = "\"next_cursor\" is not a text"
        case pagination = "a pagination block that does not say where the next page starts"
    }

    package var reason: Reason
    package var offset: Int

    package var description: String { "\(reason.rawValue) at byte \(offset)" }
}
