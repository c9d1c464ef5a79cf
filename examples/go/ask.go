package main

import (
	"fmt"
	"log"

	"github.com/gomodule/redigo/redis"
)

func main() {
	gate, err := redis.Dial("unix", "var/gate.sock") // redigo never repeats a command
	if err != nil {
		log.Fatal(err)
	}
	defer gate.Close()
	decision, err := redis.Values(gate.Do("TAKE", "acme", "messages", 1))
	if err != nil {
		log.Fatal(err)
	}
	var allowed, used, limit int64
	var reason, meter string
	if _, err := redis.Scan(decision, &allowed, &reason, &meter, &used, &limit); err != nil {
		log.Fatal(err)
	}
	fmt.Println(allowed == 1, reason, meter, used, "of", limit)
}
