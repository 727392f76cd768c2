import AssayCore
import CSimdjson

/// The places of documents as a tree, with the count of values at each.
///
/// What it holds depends on the documents that were counted alone, not on their order, unless there
/// are more places than `PlaceLimits.places`; then it holds none.
struct PlaceTree {
    private struct Node {
        /// The member's name in `names`, and its hash; empty for a star.
        var name: Range<Int>
        var hash: UInt32
        var next: Int32
        /// The first of the children by name, and the one that was found last: members mostly stand
        /// in one order, so that the next one to be asked for is the one after it.
        var first: Int32 = -1, last: Int32 = -1, hint: Int32 = -1
        var star: Int32 = -1
        var children = 0
        var isStarred = false
        /// Values that stood here: those that are no object or array, and empty ones.
        var values = 0
    }

    private let limits: PlaceLimits
    private var nodes: [Node]
    private var names: [UInt8] = []
    private var mustFold = false
    /// Whether there are too many places.
    private(set) var isOverfull = false

    init(limits: PlaceLimits) {
        self.limits = limits
        nodes = [Node(name: 0..<0, hash: 0, next: -1)]
    }

    /// Counts the values of a document. Costs one pass over its nodes.
    mutating func add(_ view: JSONView) {
        guard !isOverfull else { return }
        unsafe walk(view, 0, at: 0)
        settle()
    }

    /// Counts a body without places.
    mutating func addOpaque() { nodes[0].values += 1 }

    /// Adds what another tree held.
    mutating func add(values: [String: Int]?, starred: [String]) {
        guard let values else {
            isOverfull = true
            return
        }
        for place in starred {
            guard let tokens = JSONPointer.tokens(place == "body" ? "" : place) else { continue }
            nodes[Int(insert(tokens))].isStarred = true
            mustFold = true
        }
        for (place, count) in values where !place.hasPrefix("header:") {
            guard let tokens = JSONPointer.tokens(place == "body" ? "" : place) else { continue }
            nodes[Int(insert(tokens))].values += count
        }
        settle()
    }

    /// The places with values, and those of objects whose names are starred.
    var contents: (values: [String: Int], starred: [String]) {
        var values: [String: Int] = [:]
        var starred: [String] = []
        var waiting: [(Int32, String)] = [(0, "")]
        while let (place, path) = waiting.popLast() {
            let node = nodes[Int(place)]
            let pointer = path.isEmpty ? "body" : path
            if node.values > 0 { values[pointer, default: 0] += node.values }
            if node.isStarred { starred.append(pointer) }
            if node.star >= 0 { waiting.append((node.star, path + "/*")) }
            var child = node.first
            while child >= 0 {
                let name = String(decoding: names[nodes[Int(child)].name], as: UTF8.self)
                // Of a starred object what stood under names belongs to the star.
                let token = node.isStarred ? "*" : JSONPointer.escape(name)
                waiting.append((child, "\(path)/\(token)"))
                child = nodes[Int(child)].next
            }
        }
        return (values, Set(starred).sorted())
    }

    /// Folds objects with too many names, and gives up when too many places are left.
    private mutating func settle() {
        while mustFold {
            let contents = contents
            nodes = [Node(name: 0..<0, hash: 0, next: -1)]
            names = []
            mustFold = false
            for place in contents.starred {
                let tokens = JSONPointer.tokens(place == "body" ? "" : place) ?? []
                nodes[Int(insert(tokens))].isStarred = true
            }
            for (place, count) in contents.values {
                let tokens = JSONPointer.tokens(place == "body" ? "" : place) ?? []
                nodes[Int(insert(tokens))].values += count
            }
        }
        if nodes.count > limits.places { isOverfull = true }
    }

    private mutating func insert(_ tokens: [String]) -> Int32 {
        var place: Int32 = 0
        for token in tokens {
            let bytes = Array(token.utf8)
            let hash = unsafe assay_json_hash(bytes, bytes.count)
            place = unsafe bytes.withUnsafeBufferPointer {
                unsafe member(of: place, name: $0, hash: hash)
            }
        }
        return place
    }

    private mutating func walk(_ view: JSONView, _ index: Int, at place: Int32) {
        let node = unsafe view.nodes[index]
        guard index + 1 < Int(node.next) else {
            nodes[Int(place)].values += 1
            return
        }
        // One hostile answer must not take more memory than all of them may.
        guard nodes.count <= 8 * limits.places else {
            isOverfull = true
            return
        }
        var child = index + 1
        let end = Int(node.next)
        if node.kind == ASSAY_JSON_OBJECT.rawValue {
            while child < end {
                let name = unsafe view.nodes[child]
                let inner = unsafe member(of: place, name: view.text(name), hash: name.hash)
                unsafe walk(view, child + 1, at: inner)
                child = unsafe Int(view.nodes[child + 1].next)
            }
        } else {
            let inner = star(of: place)
            while child < end {
                unsafe walk(view, child, at: inner)
                child = unsafe Int(view.nodes[child].next)
            }
        }
    }

    private mutating func star(of place: Int32) -> Int32 {
        let known = nodes[Int(place)].star
        if known >= 0 { return known }
        let new = Int32(nodes.count)
        nodes.append(Node(name: 0..<0, hash: 0, next: -1))
        nodes[Int(place)].star = new
        return new
    }

    private mutating func member(
        of place: Int32, name: UnsafeBufferPointer<UInt8>, hash: UInt32
    ) -> Int32 {
        let parent = nodes[Int(place)]
        let first = parent.hint >= 0 ? nodes[Int(parent.hint)].next : parent.first
        var child = first >= 0 ? first : parent.first
        for _ in 0..<parent.children {
            let node = nodes[Int(child)]
            if unsafe node.hash == hash && node.name.count == name.count
                && names[node.name].elementsEqual(name)
            {
                nodes[Int(place)].hint = child
                return child
            }
            child = node.next >= 0 ? node.next : parent.first
        }
        if parent.isStarred || name.count > limits.nameBytes { return star(of: place) }
        if unsafe name.count == 1 && name[0] == UInt8(ascii: "*") { return star(of: place) }
        return unsafe append(name, hash, to: place)
    }

    private mutating func append(
        _ name: UnsafeBufferPointer<UInt8>, _ hash: UInt32, to place: Int32
    ) -> Int32 {
        let new = Int32(nodes.count)
        let start = names.count
        unsafe names.append(contentsOf: name)
        nodes.append(Node(name: start..<names.count, hash: hash, next: -1))
        let last = nodes[Int(place)].last
        if last >= 0 {
            nodes[Int(last)].next = new
        } else {
            nodes[Int(place)].first = new
        }
        nodes[Int(place)].last = new
        nodes[Int(place)].hint = new
        nodes[Int(place)].children += 1
        if nodes[Int(place)].children > limits.names {
            nodes[Int(place)].isStarred = true
            mustFold = true
        }
        return new
    }
}
