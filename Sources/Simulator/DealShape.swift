/// Deals as `GET /api/v2/deals` lists them.
extension RecordWriter {
    func deal(_ row: RecordRow, _ wishes: Wishes) -> String {
        var dice = dice(.deals, row)
        let owner = owner(.deals, row.id)
        let value = dice.pick(Words.amounts)
        let seats = dice.below(400)
        var text = #"{"id":\#(row.id),"title":"\#(dice.pick(Words.companies)) – \#(seats) seats","#
        text += #""creator_user_id":\#(owner),"owner_id":\#(owner),"value":\#(value),"#
        text += #""currency":"\#(dice.pick(Words.currencies).code)","person_id":\#(personID(.deals, row.id)),"#
        text += #""org_id":\#(organizationID(.deals, row.id)),"#
        text += #""pipeline_id":\#(pipeline(row.id)),"stage_id":\#(stage(row)),"#
        text += #""status":"\#(row.isDeleted ? "deleted" : row.status.rawValue)","#
        text += #""probability":\#(seats % 5 == 0 ? "62.5" : "null"),"#
        text += #""add_time":"\#(Stamp.seconds(row.addMilliseconds))","#
        text += #""update_time":\#(RecordWriter.optional(row.updateMilliseconds)),"#
        text += #""stage_change_time":\#(RecordWriter.optional(row.revision == 0 ? 0 : row.addMilliseconds)),"#
        text += closing(row, &dice)
        text += #""is_archived":\#(row.isArchived),"archive_time":\#(RecordWriter.optional(row.archivedMilliseconds)),"#
        text += #""is_deleted":\#(row.isDeleted),"visible_to":3,"#
        text += labels(seats % 3 == 0 ? [] : [11, 12 + seats % 4], wishes)
        text += #","origin":"ManuallyCreated","origin_id":null,"channel":52,"channel_id":"\#(dice.pick(Words.texts))","#
        text += #""acv":\#(value),"arr":\#(value),"mrr":\#(dice.pick(Words.amounts)),"custom_fields":"#
        text += customFieldsObject(.deals, row, wishes, &dice)
        text += included(wishes, &dice, sourceLead: row.sourceLead == 0 ? nil : leadID(.leads, row.sourceLead))
        return text + "}"
    }

    /// An open deal lacks these keys altogether: absent is not null.
    private func closing(_ row: RecordRow, _ dice: inout Dice) -> String {
        guard row.status != .open else { return "" }
        let time = #""\#(Stamp.seconds(row.closedMilliseconds))""#
        let day = #""\#(Stamp.day(row.closedMilliseconds))""#
        let isWon = row.status == .won
        let reason = isWon ? "null" : #""\#(dice.pick(Words.texts))""#
        return #""close_time":\#(time),"won_time":\#(isWon ? time : "null"),"lost_time":\#(isWon ? "null" : time),"#
            + #""lost_reason":\#(reason),"local_won_date":\#(isWon ? day : "null"),"#
            + #""local_lost_date":\#(isWon ? "null" : day),"local_close_date":\#(day),"expected_close_date":\#(day),"#
    }
}
