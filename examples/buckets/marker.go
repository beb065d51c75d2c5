package export_demo_kv_marker

import witTypes "go.bytecodealliance.org/pkg/wit/types"

// Mark uses Bucket, which is generated here as the type of the other package.
func Mark(bucket *Bucket, key string) witTypes.Option[*Bucket] {
	for _, entry := range bucket.Entries() {
		if entry.Key == key {
			bucket.Drop()
			return witTypes.None[*Bucket]()
		}
	}
	bucket.Set(key, witTypes.None[string]())
	return witTypes.Some(bucket)
}
