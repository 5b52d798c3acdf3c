/// Activities and products (v2), notes and leads (v1).
extension RecordWriter {
    func activity(_ row: RecordRow, _ wishes: Wishes) -> String {
        var dice = dice(.activities, row)
        let owner = owner(.activities, row.id)
        let person = personID(.activities, row.id)
        let isDone = isDone(row)
        var text =
            #"{"id":\#(row.id),"subject":"\#(dice.pick(Words.subjects))","type":"\#(dice.pick(Words.activityTypes))","#
        text += #""owner_id":\#(owner),"creator_user_id":\#(owner),"is_deleted":\#(row.isDeleted),"#
        text += #""add_time":"\#(Stamp.seconds(row.addMilliseconds))","#
        text += #""update_time":\#(RecordWriter.optional(row.updateMilliseconds)),"#
        text += #""deal_id":\#(dealID(.activities, row.id)),"lead_id":null,"person_id":\#(person),"#
        text += #""org_id":\#(organizationID(.activities, row.id)),"project_id":null,"due_date":"\#(dueDate(row))","#
        text +=
            #""due_time":"\#(dice.pick(["09:00:00", "00:00", ""]))","#
        text += #""duration":"\#(dice.pick(["00:30:00", "01:20", ""]))","#
        text += #""busy":\#(dice.chance(0.5)),"done":\#(isDone),"#
        text += #""marked_as_done_time":\#(isDone ? RecordWriter.optional(row.updateMilliseconds) : "null"),"#
        text += #""location":\#(dice.chance(0.8) ? "null" : RecordWriter.address(dice.below(1000))),"#
        text += #""participants":[{"person_id":\#(person),"primary":true}],"conference_meeting_client":null,"#
        text += #""conference_meeting_url":null,"conference_meeting_id":null,"public_description":null,"priority":263,"#
        text += #""note":"<p>\#(dice.pick(Words.texts))<\/p>""#
        text += included(wishes, &dice)
        return text + "}"
    }

    func product(_ row: RecordRow, _ wishes: Wishes) -> String {
        var dice = dice(.products, row)
        var text =
            #"{"id":\#(row.id),"name":"\#(productName(row))","code":"SEAT","description":"\#(dice.pick(Words.texts))","#
        text += #""unit":"","tax":\#(dice.pick(["19", "7.0", "0"])),"category":"Retail","is_linkable":true,"#
        text += #""is_deleted":\#(row.isDeleted),"visible_to":3,"owner_id":\#(owner(.products, row.id)),"#
        text += #""add_time":"\#(Stamp.seconds(row.addMilliseconds))","#
        text += #""update_time":\#(RecordWriter.optional(row.updateMilliseconds)),"#
        text += #""billing_frequency":"monthly","billing_frequency_cycles":null,"#
        text += #""prices":[{"product_id":\#(row.id),"price":\#(dice.pick(Words.amounts)),"currency":"EUR","cost":2,"#
        text += #""direct_cost":1,"notes":""}],"custom_fields":"# + customFieldsObject(.products, row, wishes, &dice)
        return text + "}"
    }

    func note(_ row: RecordRow) -> String {
        var dice = dice(.notes, row)
        let user = owner(.notes, row.id)
        var text = #"{"id":\#(row.id),"active_flag":true,"add_time":"\#(Stamp.spaced(row.addMilliseconds))","#
        text += #""content":"<p>\#(dice.pick(Words.texts))<\/p>","deal":{"title":"\#(dice.pick(Words.companies))"},"#
        text += #""lead_id":null,"deal_id":\#(dealID(.notes, row.id)),"last_update_user_id":null,"#
        text +=
            #""org_id":\#(organizationID(.notes, row.id)),"organization":{"name":"\#(dice.pick(Words.companies))"},"#
        text += #""person":{"name":"\#(dice.pick(Words.firstNames))"},"person_id":\#(personID(.notes, row.id)),"#
        text += #""project_id":null,"project":null,"pinned_to_lead_flag":false,"pinned_to_deal_flag":false,"#
        text += #""pinned_to_organization_flag":false,"pinned_to_person_flag":false,"pinned_to_project_flag":false,"#
        text += #""update_time":\#(RecordWriter.spacedOrNull(row.updateMilliseconds)),"#
        text += #""user":{"email":"u\#(user)@company.example","icon_url":null,"is_you":false,"name":"Jane Doe"},"#
        return text + #""user_id":\#(user)}"#
    }

    /// Leads carry the custom fields of deals flat, in the old spelling, and only when set.
    func lead(_ row: RecordRow) -> String {
        var dice = dice(.leads, row)
        let owner = owner(.leads, row.id)
        var text =
            #"{"id":"\#(leadID(.leads, row.id))","title":"\#(dice.pick(Words.companies)) Lead","owner_id":\#(owner),"#
        text += #""creator_id":\#(owner),"label_ids":["\#(leadID(.leadLabels, 1))"],"#
        text += #""person_id":\#(personID(.leads, row.id)),"organization_id":\#(organizationID(.leads, row.id)),"#
        text +=
            #""source_name":"API","origin":"API","origin_id":null,"channel":52,"#
        text += #""channel_id":"\#(dice.pick(Words.texts))","#
        text += #""source_deal_id":null,"is_archived":\#(row.isArchived),"was_seen":\#(dice.chance(0.5)),"#
        text +=
            #""value":\#(dice.chance(0.4) ? "null" : #"{"amount":\#(dice.pick(Words.amounts)),"currency":"USD"}"#),"#
        text += #""expected_close_date":\#(dice.chance(0.1) ? #""0000-00-00""# : "null"),"next_activity_id":null,"#
        text += #""add_time":"\#(Stamp.fractional(row.addMilliseconds))","#
        text += #""update_time":\#(RecordWriter.fractionalOrNull(row.updateMilliseconds)),"visible_to":"3","#
        text += #""cc_email":"\#(companyDomain)+1+lead\#(row.id)@pipedrivemail.com""#
        let fields = customFields[.deals] ?? []
        if let field = fields.first, dice.chance(0.5), isShown(field, row) {
            text += #","\#(field.key)":"\#(dice.pick(Words.texts))""#
        }
        for field in fields where field.addMilliseconds != Int64.min && isShown(field, row) {
            let value = value(of: field, .leads, row, Wishes(), &dice)
            // v1 writes the id of an option as text.
            let isBare = value == "null" || field.type != "enum"
            if value != "null" { text += #","\#(field.key)":\#(isBare ? value : #""\#(value)""#)"# }
        }
        return text + "}"
    }
}
