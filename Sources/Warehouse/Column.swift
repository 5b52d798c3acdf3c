/// A column of a typed view: where its value stands in the object, and what becomes of it.
package struct Column: Hashable, Sendable {
    package var name: String
    /// Names of members, from the outside in.
    package var path: [String]
    package var kind: Kind

    package enum Kind: Hashable, Sendable {
        case text, integer, number, boolean, time, date, clock, json
        /// Several ids: a list of integers, or the same as text with commas.
        case ids
        /// What the option of this id is called.
        case label([CustomField.Option])
        case labels([CustomField.Option])

        /// The word for it in the `--json` document.
        package var word: String {
            switch self {
            case .text: "text"
            case .integer: "integer"
            case .number: "number"
            case .boolean: "boolean"
            case .time: "time"
            case .date: "date"
            case .clock: "clock"
            case .json: "json"
            case .ids: "ids"
            case .label: "label"
            case .labels: "labels"
            }
        }
    }

    init(_ name: String, _ path: [String], _ kind: Kind) { (self.name, self.path, self.kind) = (name, path, kind) }
}

extension Column {
    /// The parts of an address besides the address itself.
    static let addressParts = [
        "street_number", "route", "subpremise", "sublocality", "locality", "admin_area_level_1", "admin_area_level_2",
        "country", "postal_code", "formatted_address",
    ]

    /// The columns of a member that the descriptions know.
    static func columns(of member: Member) -> [Column] {
        func one(_ kind: Kind) -> [Column] { [Column(member.name, [member.name], kind)] }
        func parts(_ first: String, _ kind: Kind, _ others: [String]) -> [Column] {
            [Column(member.name, [member.name, first], kind)]
                + others.map { Column("\(member.name)__\($0)", [member.name, $0], .text) }
        }
        switch member.kind {
        case .text: return one(.text)
        case .integer: return one(.integer)
        case .number: return one(.number)
        case .boolean: return one(.boolean)
        case .time: return one(.time)
        case .date: return one(.date)
        case .clock: return one(.clock)
        case .ids: return one(.ids)
        case .json: return one(.json)
        case .money: return parts("amount", .number, ["currency"])
        case .address: return parts("value", .text, addressParts)
        }
    }
}

/// How the records of a stream carry their custom fields.
enum CustomFieldPlace {
    /// v2: in `custom_fields`, a value of several parts as an object.
    case nested
    /// v1: beside the other members, each part as a member of its own: `KEY_currency`.
    case flat

    fileprivate func whole(_ key: String) -> [String] { self == .nested ? ["custom_fields", key] : [key] }
    fileprivate func first(_ key: String) -> [String] { self == .nested ? whole(key) + ["value"] : [key] }
    fileprivate func part(_ key: String, _ part: String) -> [String] {
        self == .nested ? whole(key) + [part] : ["\(key)_\(part)"]
    }
}

extension CustomField {
    private struct Part {
        var name: String
        var member: String
        var kind: Column.Kind

        init(_ name: String, _ member: String? = nil, _ kind: Column.Kind = .text) {
            (self.name, self.member, self.kind) = (name, member ?? name, kind)
        }
    }

    /// The columns of the field under one of its names.
    func columns(named name: String, _ place: CustomFieldPlace) -> [Column] {
        func whole(_ kind: Column.Kind) -> Column { Column(name, place.whole(key), kind) }
        func parts(_ kind: Column.Kind, _ parts: [Part]) -> [Column] {
            [Column(name, place.first(key), kind)]
                + parts.map { Column("\(name)__\($0.name)", place.part(key, $0.member), $0.kind) }
        }
        switch type {
        case "double": return [whole(.number)]
        case "int", "user", "org", "people", "deal", "product", "activity", "project", "lead_id":
            return [whole(.integer)]
        case "boolean": return [whole(.boolean)]
        case "date": return [whole(.date)]
        case "enum", "status", "visible_to":
            return [whole(.integer), Column("\(name)__label", place.whole(key), .label(options))]
        case "set": return [whole(.ids), Column("\(name)__labels", place.whole(key), .labels(options))]
        case "monetary": return parts(.number, [Part("currency")])
        case "daterange": return parts(.date, [Part("until", nil, .date)])
        case "time": return parts(.clock, [Part("timezone", "timezone_name")])
        case "timerange": return parts(.clock, [Part("until", nil, .clock), Part("timezone", "timezone_name")])
        case "address": return parts(.text, Column.addressParts.map { Part($0) })
        default: return [whole(.text)]
        }
    }
}
