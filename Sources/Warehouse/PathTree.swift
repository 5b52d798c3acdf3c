/// The paths of columns as a tree, for engines that take a line apart in one go when they are told its shape.
struct PathTree {
    private(set) var order: [String] = []
    private(set) var children: [String: PathTree] = [:]

    var isLeaf: Bool { order.isEmpty }

    init() {}

    init(_ paths: [[String]]) { for path in paths { add(path[...]) } }

    private mutating func add(_ path: ArraySlice<String>) {
        guard let first = path.first else { return }
        if children[first] == nil { order.append(first) }
        children[first, default: PathTree()].add(path.dropFirst())
    }

    /// Written from the leaves to the root: each node out of what its members were written as.
    func text(leaf: String, node: ([(name: String, text: String)]) -> String) -> String {
        guard !isLeaf else { return leaf }
        return node(order.map { ($0, (children[$0] ?? PathTree()).text(leaf: leaf, node: node)) })
    }
}
