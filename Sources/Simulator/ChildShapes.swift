/// Line items, installments, participants, comments and variations.
extension ChildWriter {
    func dealProduct(_ child: Child) -> ChildRecord {
        var dice = child.dice
        let product = 1 + dice.below(max(writer.size.products, 1))
        let price = dice.pick(Words.amounts)
        let text =
            #"{"id":\#(child.id),"sum":\#(price),"tax":\#(dice.pick(["19", "7.0", "0"])),"#
            + #""deal_id":\#(child.parent.id),"name":"Seat licence \#(product)","product_id":\#(product),"#
            + #""product_variation_id":null,"order_nr":\#(child.id % 64),"#
            + #""add_time":"\#(Stamp.seconds(child.addMilliseconds))","#
            + #""update_time":"\#(Stamp.seconds(child.updateMilliseconds))","comments":"\#(dice.pick(Words.texts))","#
            + #""currency":"EUR","discount":0,"quantity":\#(dice.pick(["5.5", "1", "2.0"])),"item_price":\#(price),"#
            + #""tax_method":"inclusive","discount_type":"percentage","is_enabled":true,"#
            + #""billing_frequency":"one-time","billing_frequency_cycles":null,"billing_start_date":null}"#
        return record(child, Stamp.seconds(child.updateMilliseconds), text)
    }

    /// No times at all.
    func installment(_ child: Child) -> ChildRecord {
        var dice = child.dice
        let day = Stamp.day(child.parent.addMilliseconds + Int64(dice.below(400)) * Stamp.dayMilliseconds)
        let text =
            #"{"id":\#(child.id),"amount":\#(dice.pick(Words.amounts)),"billing_date":"\#(day)","#
            + #""deal_id":\#(child.parent.id),"description":"\#(dice.pick(Words.texts))"}"#
        var found = record(child, nil, text)
        found.dateText = day
        return found
    }

    /// Known by a text.
    func discount(_ child: Child) -> ChildRecord {
        var dice = child.dice
        var name = Dice(writer.seed, child.kind.number, Int64(child.id), -2)
        let (key, user) = (name.uuid(), RecordWriter.firstUserID)
        let updated = Stamp.seconds(child.updateMilliseconds)
        let text =
            #"{"id":"\#(key)","description":"\#(dice.pick(Words.texts))","amount":\#(dice.pick(Words.amounts)),"#
            + #""type":"percentage","deal_id":\#(child.parent.id),"#
            + #""created_at":"\#(Stamp.seconds(child.addMilliseconds))","created_by":\#(user),"#
            + #""updated_at":"\#(updated)","updated_by":\#(user)}"#
        return record(child, updated, text, key: key)
    }

    func variation(_ child: Child) -> ChildRecord {
        var dice = child.dice
        let text =
            #"{"id":\#(child.id),"name":"Upgrade \#(child.slot) \#(dice.pick(Words.firstNames))","#
            + #""product_id":\#(child.parent.id),"prices":[{"product_variation_id":\#(child.id),"#
            + #""price":\#(dice.pick(Words.amounts)),"currency":"EUR","cost":2,"direct_cost":1,"notes":""}]}"#
        return record(child, nil, text)
    }

    func comment(_ child: Child) -> ChildRecord {
        var dice = child.dice
        let user = RecordWriter.firstUserID + dice.below(RecordWriter.userCount)
        var name = Dice(writer.seed, child.kind.number, Int64(child.id), -2)
        let key = name.uuid()
        let text =
            #"{"uuid":"\#(key)","active_flag":true,"add_time":"\#(Stamp.fractional(child.addMilliseconds))","#
            + #""company_id":\#(RecordWriter.companyID),"content":"\#(dice.pick(Words.texts))","#
            + #""object_id":"\#(child.parent.id)","object_type":"note","#
            + #""update_time":"\#(Stamp.fractional(child.updateMilliseconds))","#
            + #""updater_id":\#(user),"user_id":\#(user)}"#
        return record(child, Stamp.fractional(child.updateMilliseconds), text, key: key)
    }

    func participant(_ child: Child) -> ChildRecord {
        var dice = child.dice
        let person = 1 + dice.below(max(writer.size.persons, 1))
        let contact = ChildWriter.contact(person)
        let user = #"{"id":8870,"name":"User 1","email":"u1@company.example","has_pic":0,"pic_hash":null,"#
        let added = #""add_time":"\#(Stamp.spaced(child.addMilliseconds))","active_flag":true"#
        let text =
            #"{"id":\#(child.id),"person_id":{"active_flag":true,"name":"Person \#(person)",\#(contact),"#
            + #""value":\#(person)},\#(added),"related_item_data":{"deal_id":\#(child.parent.id),"#
            + #""title":"\#(dice.pick(Words.companies))"},"person":{"id":\#(person),"#
            + #""company_id":\#(RecordWriter.companyID),"name":"Person \#(person)",\#(contact),\#(added)},"#
            + #""added_by_user_id":\#(user)"active_flag":true,"value":8870},"related_item_type":"deal","#
            + #""related_item_id":\#(child.parent.id)}"#
        return record(child, nil, text)
    }

    static func contact(_ person: Int) -> String {
        #""email":[{"label":"work","value":"p\#(person)@nordwind.example","primary":true}],"phone":[]"#
    }

    private func record(_ child: Child, _ updateTime: String?, _ json: String, key: String? = nil) -> ChildRecord {
        ChildRecord(
            id: child.id, parent: child.parent.id, key: key ?? String(child.id),
            addMilliseconds: child.addMilliseconds, updateTime: updateTime,
            updateMilliseconds: updateTime == nil ? nil : child.updateMilliseconds, json: json)
    }
}
