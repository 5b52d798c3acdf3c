extension UpdateTime {
    /// The same for bytes in place: one is read for every record, and a generic call into another module costs
    /// more than all the rest that is done with a record.
    package init?(inPlace text: UnsafeBufferPointer<UInt8>) { self.init(text) }
}
