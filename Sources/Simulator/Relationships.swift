/// Relationships between organizations. One and the same stands in the lists of both, told from either side.
extension SimulatedAccount {
    func relationships(of organization: RecordRow) -> [ChildRecord] {
        let count = Int32(options.size.organizations)
        let previous = organization.id == 1 ? count : organization.id - 1
        return [(organization.id, false), (previous, true)].compactMap { owner, isSeenFromLinked in
            relationship(ownedBy: owner, seenBy: organization.id, isSeenFromLinked)
        }.sorted { $0.id < $1.id }
    }

    /// Its text hangs on the owner's row.
    private func relationship(ownedBy id: Int32, seenBy parent: Int32, _ isSeenFromLinked: Bool) -> ChildRecord? {
        let count = Int32(options.size.organizations)
        guard count > 1, id <= count, parent <= count, let owner = present(.organizations, Int(id)),
            let linked = present(.organizations, Int(id % count + 1))
        else { return nil }
        var dice = Dice(options.seed, RecordKind.organizationRelationships.number, Int64(id))
        guard dice.chance(0.3) else { return nil }
        let isParent = (Int(owner.revision) / 2 + Int(id)) % 2 == 0
        let other = isSeenFromLinked ? owner : linked
        let calculated = !isParent ? "related" : isSeenFromLinked ? "parent" : "daughter"
        let updated = Stamp.spaced(owner.updateMilliseconds == RecordRow.noTime ? 0 : owner.updateMilliseconds)
        let text =
            #"{"related_organization_name":"Organization \#(other.id)","calculated_type":"\#(calculated)","#
            + #""calculated_related_org_id":\#(other.id),"id":\#(id),"type":"\#(isParent ? "parent" : "related")","#
            + #""rel_owner_org_id":\#(side(owner)),"rel_linked_org_id":\#(side(linked)),"#
            + #""add_time":"\#(Stamp.spaced(owner.addMilliseconds))","update_time":"\#(updated)","active_flag":"true"}"#
        return ChildRecord(
            id: id, parent: parent, key: String(id), addMilliseconds: owner.addMilliseconds, updateTime: updated,
            updateMilliseconds: owner.updateMilliseconds, json: text)
    }

    private func side(_ row: RecordRow) -> String {
        #"{"name":"Organization \#(row.id)","people_count":1,"owner_id":8870,"address":null,"active_flag":true,"#
            + #""cc_email":"company@pipedrivemail.com","value":\#(row.id)}"#
    }
}
