/// Persons and organizations as v2 lists them.
extension RecordWriter {
    func person(_ row: RecordRow, _ wishes: Wishes) -> String {
        var dice = dice(.persons, row)
        let (first, last) = (dice.pick(Words.firstNames), dice.pick(Words.lastNames))
        let number = dice.below(1_000_000)
        var text =
            #"{"id":\#(row.id),"name":"\#(first) \#(last)","first_name":"\#(first)","last_name":"\#(last)","#
        text += #""owner_id":\#(owner(.persons, row.id)),"org_id":\#(organizationID(.persons, row.id)),"#
        text += #""add_time":"\#(Stamp.seconds(row.addMilliseconds))","#
        text += #""update_time":\#(RecordWriter.optional(row.updateMilliseconds)),"#
        text += #""emails":[{"value":"p\#(row.id)@nordwind.example","primary":true,"label":"work"}],"#
        text +=
            number % 3 == 0
            ? #""phones":[],"# : #""phones":[{"value":"+49 30 \#(number)","primary":true,"label":"work"}],"#
        text += #""is_deleted":\#(row.isDeleted),"visible_to":3,"#
        text += labels(number % 2 == 0 ? [] : [5], wishes)
        text += #","picture_id":null,"custom_fields":"# + customFieldsObject(.persons, row, wishes, &dice)
        text += #","notes":null,"im":[],"birthday":null,"job_title":"\#(dice.pick(Words.texts))","postal_address":null"#
        text += included(wishes, &dice)
        return text + "}"
    }

    func organization(_ row: RecordRow, _ wishes: Wishes) -> String {
        var dice = dice(.organizations, row)
        let number = dice.below(1_000_000)
        var text = #"{"id":\#(row.id),"name":"\#(dice.pick(Words.companies)) \#(number % 100)","#
        text += #""owner_id":\#(owner(.organizations, row.id)),"#
        text += #""add_time":"\#(Stamp.seconds(row.addMilliseconds))","#
        text += #""update_time":\#(RecordWriter.optional(row.updateMilliseconds)),"#
        text += #""address":\#(RecordWriter.address(number)),"#
        text += #""is_deleted":\#(row.isDeleted),"visible_to":3,"#
        text += labels([4], wishes)
        text += #","website":"https:\/\/nordwind.example","linkedin":null,"industry":\#(number % 20),"#
        text += #""annual_revenue":\#(dice.pick(Words.amounts)),"employee_count":\#(number % 5000),"custom_fields":"#
        text += customFieldsObject(.organizations, row, wishes, &dice)
        text += included(wishes, &dice)
        return text + "}"
    }
}
