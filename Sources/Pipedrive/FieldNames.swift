import Planning

/// What a definition calls its field and the field's options: v2 says `field_name`, v1 `name`. Empty where it names
/// nothing.
func fieldNames(_ definition: UnsafeBufferPointer<UInt8>) -> [FieldName] {
    guard let object = SmallObject(definition), let name = object.text("field_name") ?? object.text("name") else {
        return []
    }
    let type = object.text("field_type") ?? ""
    let options = object.objects("options").compactMap { option -> FieldName? in
        guard let id = option.integer("id").map(String.init) ?? option.text("id"), !id.isEmpty else { return nil }
        return FieldName(option: id, name: option.text("label") ?? "", type: type)
    }
    return [FieldName(name: name, type: type)] + options
}
