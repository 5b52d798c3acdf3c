import Planning
import Storage
import Warehouse

/// Brings together two rooms that do not know each other: the index says what fields are called and were called, the
/// warehouse makes columns of them.
extension Index {
    /// The tables of these streams, with every custom field that a listing of the definitions has shown.
    func tables(of streams: [String]) throws -> [StreamTable] {
        let fields = try fields()
        return streams.compactMap { Catalogue.stream(named: $0) }.map { stream in
            // Leads carry the custom fields of deals, under the same keys; there they are called the same.
            let entity = stream.name == "leads" ? "deals" : stream.name
            return StreamTable(
                stream, fields: fields.filter { $0.entity == entity }.compactMap(\.custom),
                optionFields: fields.filter { $0.entity == stream.name }.compactMap(\.withOptions))
        }
    }
}

extension FieldHistory {
    /// Nil for a field of Pipedrive's own.
    fileprivate var custom: CustomField? {
        guard isCustom else { return nil }
        return CustomField(
            key: key.lowercased(), names: names.map { CustomField.Name($0.name, since: $0.since) }, type: type,
            options: options.compactMap(\.numbered), isDeleted: isDeleted)
    }

    /// Nil for a custom field, and for one without options.
    fileprivate var withOptions: OptionField? {
        guard !isCustom, let since = options.compactMap({ $0.numbered == nil ? nil : $0.labels.first?.since }).min()
        else { return nil }
        return OptionField(code: key, since: since, options: options.compactMap(\.numbered))
    }

}

extension FieldHistory.Option {
    fileprivate var numbered: CustomField.Option? {
        Int64(id).map { CustomField.Option(id: $0, label: label) }
    }
}
